#!/usr/bin/env python3
"""A trunk whose address is a name: its SRV records, the carrier's hosts behind them, and which of them gets the call."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1)) / "bin"
DNS_PORT = 15953
SIP_PORT = 15960
A, SRV = 1, 33
NUMBER = "+79990000001"


def packed_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Speaker(threading.Thread):
    """A UDP socket with a thread that hands each packet to `hear`, until it is closed."""

    def __init__(self, address, port):
        super().__init__(daemon=True)
        self.is_open = True
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.settimeout(0.1)
        self.start()

    def run(self):
        while self.is_open:
            try:
                packet, peer = self.socket.recvfrom(65535)
            except TimeoutError:
                continue
            self.hear(packet, peer)

    def close(self):
        self.is_open = False
        self.join()
        self.socket.close()


class NameServer(Speaker):
    """Answers SRV and A from a table; everything else is NXDOMAIN. While `is_silent` it answers nothing."""

    def __init__(self, records):
        self.records, self.asked, self.is_silent = records, [], False
        super().__init__("127.0.0.1", DNS_PORT)

    def hear(self, packet, peer):
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
            at += 1 + packet[at]
        name, kind = ".".join(labels), struct.unpack(">H", packet[at + 1:at + 3])[0]
        self.asked.append((kind, name))
        if not self.is_silent:
            self.socket.sendto(self.answer(packet, packet[12:at + 5], kind, name), peer)

    def answer(self, packet, question, kind, name):
        found = self.records.get((kind, name), [])
        is_known = any(known == name for _, known in self.records)
        head = packet[:2] + struct.pack(">HHHHH", 0x8580 | (0 if is_known else 3), 1, len(found), 0, 0)
        body = b""
        for record in found:
            data = socket.inet_aton(record) if kind == A else struct.pack(">HHH", *record[:3]) + packed_name(record[3])
            body += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 5, len(data)) + data
        return head + question + body


class Host(Speaker):
    """One host of the carrier. It answers OPTIONS by 200 and INVITE by `status`, or nothing at all when that is None.
    `invites` holds each INVITE once: one that is answered late comes again (RFC 3261 17.1.1.2)."""

    def __init__(self, address, status):
        self.status, self.invites, self.probes = status, [], 0
        super().__init__(address, SIP_PORT)

    def hear(self, packet, peer):
        text = packet.decode()
        method = text.split(" ", 1)[0]
        if method == "INVITE" and text not in self.invites:
            self.invites.append(text)
        if method == "OPTIONS":
            self.probes += 1
        if self.status is not None and method in ("INVITE", "OPTIONS"):
            self.reply(text, "200 OK" if method == "OPTIONS" else self.status, peer)

    def reply(self, text, status, peer):
        head = [line for line in text.split("\r\n") if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
        lines = [line + ";tag=far" if line.startswith("To:") else line for line in head]
        self.socket.sendto(("\r\n".join([f"SIP/2.0 {status}", *lines]) + "\r\nContent-Length: 0\r\n\r\n").encode(), peer)


def services(*rows):
    """The records of sip.test: (priority, host number) each."""
    records = {(SRV, "_sip._udp.sip.test"): [(priority, 1, SIP_PORT, f"h{host}.sip.test") for priority, host in rows]}
    records.update({(A, f"h{host}.sip.test"): [f"127.0.0.{host}"] for _, host in rows})
    return records


def value_of(message, name):
    return re.search(rf"(?m)^{name}: *(.*?)\r?$", message).group(1)


class SrvTargets(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"

    def host(self, number, status):
        host = Host(f"127.0.0.{number}", status)
        self.addCleanup(host.close)
        return host

    def names(self, records):
        server = NameServer(records)
        self.addCleanup(server.close)
        return server

    def start(self, address="sip.test", interval_s=1):
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver 127.0.0.1\nport {DNS_PORT}\n")
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15962"\n[media]\nport_min = 26000\nport_max = 26999\n'
                          f'[[trunk]]\nname = "carrier"\naddress = "{address}"\nlocal_bind = "127.0.0.1:15961"\ncaller_ids = ["+74950000001"]\n'
                          f'test_numbers = ["{NUMBER}"]\noptions_interval_s = {interval_s}\n')
        with open(self.folder / "node.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen([str(BIN / "dunlind"), "--config", str(config)], stdout=log, stderr=subprocess.STDOUT,
                                       env={**os.environ, "SRESOLV_CONF": str(resolver)})
        self.addCleanup(self.stop, process)
        until = time.monotonic() + 60
        while self.dunlin("health").returncode not in (0, 8):
            self.assertIsNone(process.poll(), (self.folder / "node.log").read_text())
            self.assertLess(time.monotonic(), until, (self.folder / "node.log").read_text())
            time.sleep(0.1)

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0)

    def dunlin(self, *words):
        return subprocess.run([str(BIN / "dunlin"), "--data", str(self.data), "-o", "json", *words], capture_output=True, text=True, timeout=120)

    def trunk(self):
        return json.loads(self.dunlin("trunk", "list").stdout)[0]

    def wait_for(self, what, condition, seconds=60):
        for _ in range(seconds * 10):
            if condition():
                return
            time.sleep(0.1)
        self.fail(f"waited in vain for {what}: {self.trunk()}\n" + (self.folder / "node.log").read_text())

    def both_probed(self, one, two):
        self.wait_for("both hosts", lambda: one.probes > 1 and two.probes > 1 and self.trunk()["probe"] == "up")

    def call(self):
        """One call to the test number, as soon as the trunk takes one."""
        for _ in range(100):
            done = self.dunlin("trunk", "test", "carrier", "--to", NUMBER)
            if done.stdout.strip():
                return json.loads(done.stdout)
            time.sleep(0.1)
        return self.fail(f"no call was taken: {done.stderr} {self.trunk()}")

    def test_the_call_goes_to_the_host_that_lives(self):
        living = self.host(3, "486 Busy Here")
        names = self.names(services((10, 2), (20, 3)))  # Nobody is at the first.
        self.start()
        self.wait_for("the trunk", lambda: self.trunk()["health"] == "up")
        self.wait_for("the dead host in the list", lambda: self.trunk()["probe"] == "up, but 127.0.0.2:15960 no answer")
        seen = self.call()
        self.assertEqual((seen["result"], seen["sip_status"]), ("busy", 486), seen)
        self.assertEqual(len(living.invites), 1)
        self.assertIn("@sip.test", living.invites[0].split("\r\n")[0], "the carrier's name, not the host's address")
        self.assertEqual(names.asked[0], (SRV, "_sip._udp.sip.test"))
        first = self.host(2, "486 Busy Here")
        self.wait_for("the first host", lambda: "no answer" not in self.trunk()["probe"])
        self.call()
        self.assertEqual((len(first.invites), len(living.invites)), (1, 1), "the better one is used again as soon as it answers")

    def test_a_silent_host_gets_no_call_either(self):
        silent = self.host(2, None)
        living = self.host(3, "486 Busy Here")
        self.names(services((10, 2), (20, 3)))
        self.start()
        self.wait_for("the silent host in the list", lambda: "127.0.0.2:15960 no answer" in self.trunk()["probe"])
        self.assertEqual(self.call()["result"], "busy")
        self.assertEqual((len(silent.invites), len(living.invites)), (0, 1))

    def test_a_host_that_cannot_serve_hands_the_same_call_on(self):
        refusing, living = self.host(2, "503 Service Unavailable"), self.host(3, "486 Busy Here")
        self.names(services((10, 2), (20, 3)))
        self.start()
        self.both_probed(refusing, living)
        seen = self.call()
        self.assertEqual((seen["result"], seen["sip_status"]), ("busy", 486), seen)
        self.assertEqual((len(refusing.invites), len(living.invites)), (1, 1))
        one, two = refusing.invites[0], living.invites[0]
        self.assertEqual(value_of(one, "Call-ID"), value_of(two, "Call-ID"), "one call of one Call-ID")
        self.assertEqual(int(value_of(two, "CSeq").split()[0]), int(value_of(one, "CSeq").split()[0]) + 1)
        self.assertNotEqual(re.search("branch=([^;\r]*)", one).group(1), re.search("branch=([^;\r]*)", two).group(1), "a transaction of its own")
        self.assertEqual([row["message"].split()[0] for row in seen["ladder"] if "INVITE" in row["message"] or "503" in row["message"]][:3],
                         ["INVITE", "503", "INVITE"], seen["ladder"])

    def test_a_refusal_of_the_call_is_not_handed_on(self):
        refusing, other = self.host(2, "603 Decline"), self.host(3, "486 Busy Here")
        self.names(services((10, 2), (20, 3)))
        self.start()
        self.both_probed(refusing, other)
        self.assertEqual(self.call()["result"], "rejected")
        self.assertEqual((len(refusing.invites), len(other.invites)), (1, 0))

    def test_without_health_probes_a_dead_host_is_found_by_the_call(self):
        living = self.host(3, "486 Busy Here")
        self.names(services((10, 2), (20, 3)))
        self.start(interval_s=0)
        self.wait_for("the trunk", lambda: self.trunk()["health"] == "up")
        self.assertEqual(self.call()["result"], "busy")
        self.assertEqual(len(living.invites), 1)

    def test_both_dead_is_told_in_list_and_log(self):
        self.names(services((10, 2), (20, 3)))
        self.start()
        self.wait_for("the verdict", lambda: self.trunk()["health"] == "down")
        self.wait_for("both causes", lambda: sorted(self.trunk()["probe"].split("; ")) == ["127.0.0.2:15960 no answer", "127.0.0.3:15960 no answer"])
        refused = self.dunlin("trunk", "test", "carrier", "--to", NUMBER)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("takes no call now (all_down): `trunk list` says why", refused.stderr)
        self.assertIn("127.0.0.3:15960 no answer", (self.folder / "node.log").read_text())

    def test_a_name_that_leads_nowhere_is_named(self):
        names = self.names({(A, "other.test"): ["127.0.0.3"]})
        self.start()
        self.wait_for("the verdict", lambda: self.trunk()["health"] == "down")
        self.wait_for("the cause", lambda: self.trunk()["probe"] == "sip.test: no such name")
        self.assertEqual(names.asked[:2], [(SRV, "_sip._udp.sip.test"), (A, "sip.test")], "without SRV records an address is asked for")
        living = self.host(3, "486 Busy Here")
        names.records.update(services((10, 3)))
        self.assertEqual(self.dunlin("trunk", "probe", "carrier").returncode, 0)
        self.wait_for("the trunk", lambda: self.trunk()["health"] == "up")
        self.assertEqual(self.call()["result"], "busy")
        self.assertEqual(len(living.invites), 1)

    def test_a_dead_name_server_is_named_and_what_was_found_stays(self):
        names = self.names(services((10, 3)))
        names.is_silent = True
        living = self.host(3, "486 Busy Here")
        self.start()
        self.wait_for("the verdict", lambda: self.trunk()["probe"] == "sip.test: no name server answers")
        names.is_silent = False
        self.wait_for("the trunk", lambda: self.trunk()["health"] == "up", 90)
        names.is_silent = True
        asked = len(names.asked)
        self.wait_for("the next question", lambda: len(names.asked) > asked)
        self.assertEqual(self.call()["result"], "busy", "the records are stale and the host lives")
        self.assertEqual(len(living.invites), 1)

    def test_a_name_with_a_port_is_an_address_only(self):
        records = {(A, "sip.test"): ["127.0.0.2", "127.0.0.3"], **services((10, 9))}
        names, first, second = self.names(records), self.host(2, "503 Full"), self.host(3, "503 Full")
        self.start(address=f"sip.test:{SIP_PORT}")
        self.both_probed(first, second)
        self.assertEqual(self.call()["sip_status"], 503)
        self.assertEqual((len(first.invites), len(second.invites)), (1, 1), "both were asked, each once")
        self.assertNotIn(SRV, [kind for kind, _ in names.asked])

    def test_the_hosts_found_may_speak_and_strangers_may_not(self):
        self.host(2, "486 Busy Here")
        self.names(services((10, 2)))
        self.start()
        self.wait_for("the trunk", lambda: self.trunk()["health"] == "up")
        heard = {}
        for address, patience in (("127.0.0.2", 30), ("127.0.0.7", 2)):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
                speaker.bind((address, 15966))
                speaker.settimeout(patience)
                speaker.sendto((f"OPTIONS sip:dunlin@127.0.0.1:15961 SIP/2.0\r\nVia: SIP/2.0/UDP {address}:15966;branch=z9hG4bKx{address[-1]}\r\nMax-Forwards: 70\r\n"
                                f"From: <sip:a@sip.test>;tag=1\r\nTo: <sip:dunlin@sip.test>\r\nCall-ID: {address}\r\nCSeq: 1 OPTIONS\r\n"
                                "Content-Length: 0\r\n\r\n").encode(), ("127.0.0.1", 15961))
                try:
                    heard[address] = speaker.recv(65535).decode().split("\r\n")[0]
                except socket.timeout:
                    heard[address] = None
        self.assertEqual(heard, {"127.0.0.2": "SIP/2.0 200 OK", "127.0.0.7": None})


if __name__ == "__main__":
    unittest.main()
