"""Phones of people behind a trunk, in sound: an exchange on one UDP port answers INVITEs, hears RTP (PCMA) and presses keys
when our side has stopped speaking. Plain SIP and RTP for tests on the loopback interface."""
import dataclasses
import math
import re
import socket
import struct
import threading
import time

SILENCE = b"\xd5" * 160
LOUD = 500                      # Of 16 bits.
FRAME_S = 0.02
PAUSE_S = 0.7                   # So long our side must be silent before somebody acts.
EVENT_TYPE = 101
TONES = {"1": (697, 1209), "2": (697, 1336), "3": (697, 1477), "4": (770, 1209), "5": (770, 1336), "6": (770, 1477), "7": (852, 1209),
         "8": (852, 1336), "9": (852, 1477), "*": (941, 1209), "0": (941, 1336), "#": (941, 1477)}
EVENTS = "0123456789*#"


def a_law(sample):
    """ITU-T G.711, one sample of 16 bits."""
    sign = 0x80 if sample >= 0 else 0
    value = min(abs(sample) >> 4, 0x7FF)
    exponent = max(value.bit_length() - 4, 0)
    mantissa = value >> max(exponent - 1, 0) & 0xF
    return (sign | exponent << 4 | mantissa) ^ 0x55


def loudness(byte):
    value = byte ^ 0x55
    exponent, mantissa = value >> 4 & 7, value & 0xF
    return (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << exponent - 1


LOUDNESS = [loudness(byte) for byte in range(256)]


def tone_frame(key, first):
    low, high = TONES[key]
    return bytes(a_law(int(7000 * (math.sin(2 * math.pi * low * n / 8000) + math.sin(2 * math.pi * high * n / 8000)))) for n in range(first, first + 160))


@dataclasses.dataclass
class Person:
    number: str
    acts: list                   # Keys, or "bye": one at each silence of the far side.
    has_events: bool = True      # RFC 4733; without it keys are tones in the sound.
    calls: list = dataclasses.field(default_factory=list)


class PhoneCall(threading.Thread):
    """One call from the answer to the BYE."""

    def __init__(self, exchange, person, invite, peer):
        super().__init__(daemon=True)
        self.exchange, self.person, self.invite, self.peer = exchange, person, invite, peer
        self.call_id = header(invite, "Call-ID")
        self.attempt = self.call_id.rsplit("-", 1)[0]
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp.setblocking(False)
        address, port = re.search(r"c=IN IP4 (\S+)", invite).group(1), int(re.search(r"m=audio (\d+)", invite).group(1))
        self.remote = (address, port)
        self.is_over = threading.Event()
        self.bye_at = None
        self.key_at = None
        self.loud_frames = 0
        self.sequence, self.timestamp = 100, 1000
        self.frames = []         # Packets to be sent instead of silence: (payload type, marker, timestamp step first, payload).

    def sdp(self):
        events = f"a=rtpmap:{EVENT_TYPE} telephone-event/8000\r\n" if self.person.has_events else ""
        types = f"8 {EVENT_TYPE}" if self.person.has_events else "8"
        return (f"v=0\r\no=peer 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.rtp.getsockname()[1]} RTP/AVP {types}\r\na=rtpmap:8 PCMA/8000\r\n{events}a=sendrecv\r\n")

    def press(self, key):
        if self.person.has_events:
            event = EVENTS.index(key)
            for n in range(8):
                self.frames.append((EVENT_TYPE, n == 0, struct.pack("!BBH", event, (0x80 if n >= 5 else 0) | 10, min(n + 1, 5) * 160)))
        else:
            self.frames += [(8, False, tone_frame(key, n * 160)) for n in range(5)]
        self.frames += [(8, False, SILENCE)] * 5

    def send(self):
        payload_type, marker, payload = self.frames.pop(0) if self.frames else (8, False, SILENCE)
        if payload_type == 8 or marker:
            self.event_timestamp = self.timestamp
        head = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), self.sequence & 0xFFFF, self.event_timestamp, 0x1234)
        self.rtp.sendto(head + payload, self.remote)
        self.sequence += 1
        self.timestamp += 160

    def hear(self):
        is_loud = False
        while True:
            try:
                packet = self.rtp.recv(2048)
            except (BlockingIOError, ConnectionError):
                return is_loud
            if len(packet) >= 172 and packet[1] & 0x7F == 8:
                is_loud = is_loud or sum(LOUDNESS[byte] for byte in packet[12:172]) / 160 > LOUD

    def run(self):
        acts = list(self.person.acts)
        heard_at, has_heard = time.monotonic(), False
        due = time.monotonic()
        while not self.is_over.wait(max(0, due - time.monotonic())):
            due += FRAME_S
            now = time.monotonic()
            if self.hear():
                heard_at, has_heard = now, True
                self.loud_frames += 1
            self.send()
            if self.key_at is None and not acts and not self.frames:
                self.key_at = time.time()
            if acts and has_heard and not self.frames and now - heard_at > PAUSE_S:
                has_heard = False
                act = acts.pop(0)
                if act == "bye":
                    self.exchange.send_bye(self)
                else:
                    for key in act:
                        self.press(key)
        self.rtp.close()


def header(message, name):
    return re.search(rf"(?im)^{name}:\s*(.+?)\s*$", message).group(1)


class Exchange:
    """Answers for every number it knows; what it does not know is refused and kept as a problem."""
    phone_call = PhoneCall

    def __init__(self, port, people):
        self.people = {person.number: person for person in people}
        self.calls = {}
        self.problems = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.2)
        self.is_closing = False
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_closing = True
        self.thread.join()
        for call in self.calls.values():
            call.is_over.set()
        self.socket.close()

    def serve(self):
        while not self.is_closing:
            try:
                datagram, peer = self.socket.recvfrom(65536)
            except (TimeoutError, ConnectionError):
                continue
            message = datagram.decode(errors="replace")
            method = message.split(" ", 1)[0]
            if method == "INVITE":
                self.on_invite(message, peer)
            elif method == "BYE":
                self.on_bye(message, peer)
            elif method in ("OPTIONS", "CANCEL"):
                self.reply(message, peer, "200 OK")

    def reply(self, request, peer, status, tag="", body="", more=""):
        vias = "".join(f"Via: {via}\r\n" for via in re.findall(r"(?im)^Via:\s*(.+?)\s*$", request))
        to = header(request, "To")
        if tag and "tag=" not in to:
            to += f";tag={tag}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (f"SIP/2.0 {status}\r\n{vias}From: {header(request, 'From')}\r\nTo: {to}\r\nCall-ID: {header(request, 'Call-ID')}\r\n"
                f"CSeq: {header(request, 'CSeq')}\r\n{more}{kind}Content-Length: {len(body)}\r\n\r\n{body}")
        self.socket.sendto(text.encode(), peer)

    def on_invite(self, message, peer):
        call_id = header(message, "Call-ID")
        if call_id in self.calls:
            return self.answer(self.calls[call_id])  # A repetition.
        number = re.search(r"sip:\+?(\d+)@", message).group(1)
        person = self.people.get(number)
        if person is None:
            self.problems.append("an INVITE for a number nobody has")
            return self.reply(message, peer, "404 Not Found", "none")
        call = self.phone_call(self, person, message, peer)
        self.calls[call_id] = call
        person.calls.append(call)
        self.reply(message, peer, "180 Ringing", "far")
        self.answer(call)
        call.start()

    def contact(self):
        return f"Contact: <sip:far@127.0.0.1:{self.socket.getsockname()[1]}>\r\n"

    def answer(self, call):
        self.reply(call.invite, call.peer, "200 OK", "far", call.sdp(), self.contact())

    def on_bye(self, message, peer):
        self.reply(message, peer, "200 OK")
        call = self.calls.get(header(message, "Call-ID"))
        if call and call.bye_at is None:
            call.bye_at = time.time()
            call.is_over.set()

    def send_bye(self, call):
        target = re.search(r"<?(sip:[^>;\s]+)", header(call.invite, "Contact")).group(1)
        text = (f"BYE {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.socket.getsockname()[1]};branch=z9hG4bKfar{id(call)}\r\nMax-Forwards: 70\r\n"
                f"From: {header(call.invite, 'To')};tag=far\r\nTo: {header(call.invite, 'From')}\r\nCall-ID: {call.call_id}\r\nCSeq: 1 BYE\r\n"
                f"Content-Length: 0\r\n\r\n")
        self.socket.sendto(text.encode(), call.peer)
        call.bye_at = time.time()
        call.is_over.set()
