"""Reads a strace log: how much of every file was on the disk when a message left.

A line of the log is written when strace sees a system call begin (before the kernel does it) or end (after). So line
order is a sound order of events: a call whose end is above another's begin was over before the other started.
 - A file's written length grows when a write ends.
 - Its synced length becomes, when a fdatasync or fsync ends with 0, what was written when that call began.
 - A file's name is durable once its folder was synced after the name was made; before it a crash may lose the file.
"""
import os
import re

TRACED = "openat,rename,unlink,ftruncate,write,pwrite64,writev,fdatasync,fsync,sendto,sendmsg"
LINE = re.compile(r"^(?P<pid>\d+) +(?P<time>[\d.]+) (?P<rest>.*)$")
BEGIN = re.compile(r"^(?P<call>\w+)\((?P<arguments>.*)$")
RESUMED = re.compile(r"^<\.\.\. (?P<call>\w+) resumed>.*$")
UNFINISHED = " <unfinished ...>"
RESULT = re.compile(r"\) += (?P<result>-?\d+|\?)[^\"]*$")
DESCRIPTOR = re.compile(r"^(?P<fd>\d+)<(?P<path>[^>]*)>")
INVITE = re.compile(r'"INVITE sip:.*?\\r\\n(?:Call-ID|i): (?P<call_id>[^\\]+)\\r\\n')
CREATED = re.compile(r'^[^"]*"(?P<name>[^"]*)", [A-Z_|]*O_CREAT')
TWO_PATHS = re.compile(r'^"(?P<source>[^"]*)", "(?P<target>[^"]*)"')
OFFSET = re.compile(r'"(?:\.\.\.)?, \d+, (\d+)(?:\)| <unfinished)')
LENGTH = re.compile(r">, (\d+)")
ONE_PATH = re.compile(r'^"(?P<path>[^"]*)"')


class File:
    def __init__(self, is_named):
        self.written = 0
        self.synced = 0
        self.is_named = is_named  # The folder was synced since the name was made.


class Send:
    """One INVITE on its way out, and how far every file was synced when it left."""

    def __init__(self, call_id, time, synced):
        self.call_id = call_id
        self.time = time
        self.synced = synced


class Trace:
    def __init__(self):
        self.files = {}
        self.sends = []
        self.open_calls = {}

    @staticmethod
    def command(log):
        return ["strace", "-f", "-qq", "-y", "-ttt", "-s", "4096", "--seccomp-bpf", "-e", "trace=" + TRACED, "-e", "signal=none", "-o", str(log)]

    @classmethod
    def of(cls, lines):
        trace = cls()
        for line in lines:
            trace.read(line.rstrip("\n"))
        return trace

    def read(self, line):
        matched = LINE.match(line)
        if not matched:
            return
        pid, time, rest = matched["pid"], float(matched["time"]), matched["rest"]
        resumed = RESUMED.match(rest)
        if resumed:
            begun = self.open_calls.pop(pid, None)
            return self.end(begun, rest) if begun else None
        begin = BEGIN.match(rest)
        if not begin:
            return
        is_open = rest.endswith(UNFINISHED)
        begun = self.begin(begin["call"], begin["arguments"], time)
        if is_open:
            self.open_calls[pid] = begun
        else:
            self.end(begun, rest)

    def begin(self, call, arguments, time):
        """What must be remembered until the call ends; a send counts from its begin."""
        path = DESCRIPTOR.match(arguments)
        path = path["path"] if path else None
        if call in ("sendto", "sendmsg"):
            invite = INVITE.search(arguments)
            if invite:
                self.sends.append(Send(invite["call_id"], time, {name: file.synced for name, file in self.files.items()}))
        before = None
        if call in ("fdatasync", "fsync") and path:
            before = self.files[path].written if path in self.files else self.names_in(path)
        return call, arguments, path, before

    def names_in(self, folder):
        return [name for name in self.files if os.path.dirname(name) == folder]

    def end(self, begun, rest):
        call, arguments, path, before = begun
        result = RESULT.search(rest)
        if not result or result["result"] == "?" or int(result["result"]) < 0:
            return
        result = int(result["result"])
        if call == "openat":
            self.on_open(arguments)
        elif call in ("write", "writev") and path in self.files:
            self.files[path].written += result
        elif call == "pwrite64" and path in self.files:
            offset = int(OFFSET.findall(arguments)[-1])
            self.files[path].written = max(self.files[path].written, offset + result)
        elif call in ("fdatasync", "fsync"):
            self.on_synced(path, before)
        else:
            self.on_name(call, arguments, path)

    def on_open(self, arguments):
        created = CREATED.match(arguments)
        if not created:
            return
        file = self.files.setdefault(os.path.normpath(created["name"]), File(is_named=False))
        if "O_TRUNC" in arguments:
            file.written = file.synced = 0

    def on_synced(self, path, before):
        if path in self.files:
            self.files[path].synced = max(self.files[path].synced, before)
        else:
            for name in before or []:
                if name in self.files:
                    self.files[name].is_named = True

    def on_name(self, call, arguments, path):
        if call == "rename":
            both = TWO_PATHS.match(arguments)
            if both and both["source"] in self.files:
                self.files[both["target"]] = self.files.pop(both["source"])
                self.files[both["target"]].is_named = False
        elif call == "unlink":
            self.files.pop(ONE_PATH.match(arguments)["path"], None)
        elif call == "ftruncate" and path in self.files:
            file = self.files[path]
            file.written = int(LENGTH.search(arguments)[1])
            file.synced = min(file.synced, file.written)


BLOCK = 32768
HEADER = 7


def wal_records(data):
    """(end offset, payload) of every record of a RocksDB write-ahead log; a torn tail ends it."""
    offset, parts = 0, []
    while offset + HEADER <= len(data):
        left = BLOCK - offset % BLOCK
        if left < HEADER:
            offset += left
            continue
        length = int.from_bytes(data[offset + 4:offset + 6], "little")
        kind = data[offset + 6]
        end = offset + HEADER + length
        if kind not in (1, 2, 3, 4) or end > len(data):
            return
        if kind in (1, 2):
            parts = []
        parts.append(data[offset + HEADER:end])
        if kind in (1, 4):
            yield end, b"".join(parts)
        offset = end


COMMIT_ROW = 9  # The kind of a row that holds all events of a commit.
MOST_EVENTS_BEFORE = 16


def event_key(place, back=0):
    """The row key of an event in the history, as it stands in a batch: its length, then shard, 'e', sequence."""
    shard, sequence = (int(number) for number in place.split("/"))
    key = shard.to_bytes(2, "big") + b"e" + (sequence - back).to_bytes(8, "big")
    return bytes([len(key)]) + key


def holds_event(payload, place):
    """Whether a batch holds the event: in a row of its own, or in the row of a commit that began shortly before it."""
    if event_key(place) in payload:
        return True
    for back in range(1, min(MOST_EVENTS_BEFORE, int(place.split("/")[1]) - 1) + 1):
        key = event_key(place, back)
        found = payload.find(key)
        if found < 0:
            continue
        row = payload[found + len(key):]
        size = 1  # Of the number that says how long the row is: seven bits a byte, the last one below 128.
        while row[size - 1] >= 128:
            size += 1
        row = row[size:]  # Format, kind, case(8), version(8), count(4).
        return row[1] == COMMIT_ROW and int.from_bytes(row[18:22], "big") > back
    return False
