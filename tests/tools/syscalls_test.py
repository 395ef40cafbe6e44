#!/usr/bin/env python3
"""The reader of strace logs against doctored ones: what counts as being on the disk when an INVITE leaves."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import syscalls

LOG = "/d/000004.log"
OPEN = f'openat(AT_FDCWD</>, "{LOG}", O_WRONLY|O_CREAT|O_CLOEXEC, 0644) = 9<{LOG}>'
INVITE = r'sendto(7<UDP:[1]>, "INVITE sip:+7916@127.0.0.1 SIP/2.0\r\nVia: x\r\nCall-ID: att_a-1@x\r\nCSeq: 1 INVITE\r\n\r\n", 60, 0, NULL, 0) = 60'


def trace(*lines):
    """Lines of thread 1, or (thread, line)."""
    pairs = [line if isinstance(line, tuple) else (1, line) for line in lines]
    return syscalls.Trace.of(f"{pid} {100 + n}.5 {line}\n" for n, (pid, line) in enumerate(pairs))


def synced_at_send(*lines):
    sends = trace(OPEN, *lines).sends
    assert len(sends) == 1 and sends[0].call_id == "att_a-1@x"
    return sends[0].synced[LOG]


class Order(unittest.TestCase):
    def test_written_and_synced_before_the_send_counts(self):
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "ab\\"", 90) = 90', f"fdatasync(9<{LOG}>) = 0", INVITE), 90)

    def test_written_only_does_not_count(self):
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', INVITE), 0)

    def test_a_sync_that_failed_does_not_count(self):
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', f"fdatasync(9<{LOG}>) = -1 EIO (Input/output error)", INVITE), 0)

    def test_a_sync_still_running_does_not_count(self):
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', (2, f"fdatasync(9<{LOG}> <unfinished ...>"), INVITE,
                                        (2, "<... fdatasync resumed>) = 0")), 0)

    def test_what_was_written_after_the_sync_began_does_not_count(self):
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', (2, f"fdatasync(9<{LOG}> <unfinished ...>"),
                                        f'write(9<{LOG}>, "a", 10) = 10', (2, "<... fdatasync resumed>) = 0"), INVITE), 90)

    def test_a_send_counts_from_its_begin(self):
        unfinished = INVITE.replace(") = 60", " <unfinished ...>")
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', unfinished, (2, f"fdatasync(9<{LOG}>) = 0"),
                                        "<... sendto resumed>) = 60"), 0)

    def test_other_messages_and_other_files_are_nothing(self):
        other = INVITE.replace("INVITE sip", "BYE sip")
        self.assertEqual(trace(OPEN, other).sends, [])
        self.assertEqual(synced_at_send(f'write(9<{LOG}>, "a", 90) = 90', "fdatasync(8</d/000005.log>) = 0", INVITE), 0)


class Files(unittest.TestCase):
    def test_a_name_is_durable_after_its_folder_was_synced(self):
        self.assertFalse(trace(OPEN).files[LOG].is_named)
        self.assertTrue(trace(OPEN, "fsync(8</d>) = 0").files[LOG].is_named)
        self.assertFalse(trace(OPEN, "fsync(8</other>) = 0").files[LOG].is_named)

    def test_renames_carry_content_and_need_a_new_sync_of_the_folder(self):
        moved = trace(OPEN, f'write(9<{LOG}>, "a", 90) = 90', f"fsync(9<{LOG}>) = 0", "fsync(8</d>) = 0", f'rename("{LOG}", "/d/x") = 0').files
        self.assertEqual((moved["/d/x"].synced, moved["/d/x"].is_named, LOG in moved), (90, False, False))

    def test_places_and_cuts(self):
        done = trace(OPEN, f'pwrite64(9<{LOG}>, "a"..., 50, 100) = 50', f"fsync(9<{LOG}>) = 0", f"ftruncate(9<{LOG}>, 120) = 0").files[LOG]
        self.assertEqual((done.written, done.synced), (120, 120))


class Records(unittest.TestCase):
    @staticmethod
    def part(kind, payload):
        return b"\0\0\0\0" + len(payload).to_bytes(2, "little") + bytes([kind]) + payload

    def test_records_end_where_their_last_part_ends(self):
        data = self.part(1, b"one") + self.part(2, b"tw") + self.part(4, b"o")
        self.assertEqual(list(syscalls.wal_records(data)), [(10, b"one"), (27, b"two")])

    def test_a_torn_tail_ends_the_log(self):
        data = self.part(1, b"one") + self.part(1, b"lost")[:-1]
        self.assertEqual([payload for _, payload in syscalls.wal_records(data)], [b"one"])

    def test_the_rest_of_a_block_too_short_for_a_header_is_passed_over(self):
        first = self.part(1, b"x" * (syscalls.BLOCK - syscalls.HEADER - 3))
        self.assertEqual(len(list(syscalls.wal_records(first + b"\0\0\0" + self.part(1, b"two")))), 2)

    def test_event_keys_are_those_of_the_history(self):
        self.assertEqual(syscalls.event_key("258/3"), b"\x0b\x01\x02e" + b"\0" * 7 + b"\x03")

    def test_an_event_is_found_in_the_row_of_its_commit(self):
        commit = b"\x01\x09" + bytes(16) + (3).to_bytes(4, "big") + b"sealed"
        single = b"\x01\x01" + bytes(20) + b"sealed"
        for row, held in ((commit, {"5/7", "5/8", "5/9"}), (single, {"5/7"})):
            payload = b"head" + syscalls.event_key("5/7") + bytes([len(row)]) + row + b"tail"
            self.assertEqual({p for p in ("5/6", "5/7", "5/8", "5/9", "5/10", "6/8") if syscalls.holds_event(payload, p)}, held)
        long_row = syscalls.event_key("5/7") + b"\xac\x02" + commit
        self.assertTrue(syscalls.holds_event(long_row, "5/8"))


if __name__ == "__main__":
    unittest.main()
