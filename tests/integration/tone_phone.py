"""Telephones that send one tone and keep what they hear: a station of an agent over UDP, and people behind the trunk. Plain
SIP and RTP (PCMA) for tests on the loopback interface."""
import hashlib
import math
import random
import re
import socket
import struct
import threading
import time

import far_phone
import tone_meter

AMPLITUDE = 8000
FRAME_S = 0.02


def linear(byte):
    """ITU-T G.711, A-law to 16 bits."""
    return far_phone.LOUDNESS[byte] if (byte ^ 0x55) & 0x80 else -far_phone.LOUDNESS[byte]


LINEAR = [linear(byte) for byte in range(256)]


def tone_frame(hz, first):
    return bytes(far_phone.a_law(int(AMPLITUDE * math.sin(2 * math.pi * hz * n / 8000))) for n in range(first, first + 160))


class Line:
    """RTP of one leg: a tone out, everything heard kept with its time."""

    def __init__(self, hz):
        self.hz = hz
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp.setblocking(False)
        self.heard = []
        # Whole periods of every tone fit in a second: its frames are made once.
        self.frames = [tone_frame(hz, 160 * n) for n in range(50)]

    def port(self):
        return self.rtp.getsockname()[1]

    def sdp(self):
        return (f"v=0\r\no=tone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.port()} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n")

    def talk(self, remote, is_over):
        sent = random.randrange(1000)
        due = time.monotonic()
        while not is_over.wait(max(0, due - time.monotonic())):
            due += FRAME_S
            self.keep()
            head = struct.pack("!BBHII", 0x80, 8, sent & 0xFFFF, sent * 160 & 0xFFFFFFFF, 0x1000 + self.port())
            self.rtp.sendto(head + self.frames[sent % 50], remote)
            sent += 1

    def keep(self):
        while True:
            try:
                packet = self.rtp.recv(2048)
            except (BlockingIOError, ConnectionError):
                return
            if len(packet) == 172 and packet[1] & 0x7F == 8:
                self.heard.append((time.monotonic(), packet[12:]))

    def levels(self, since, tones):
        """Decibels of each tone against what a phone sends, in everything heard since."""
        samples = [LINEAR[byte] for at, payload in list(self.heard) if at >= since for byte in payload]
        if not samples:
            return {hz: -96.0 for hz in tones}
        sent = tone_meter.decibels(AMPLITUDE**2 / 2)
        return {hz: tone_meter.decibels(tone_meter.power_at(samples, hz)) - sent for hz in tones}


class ToneCall(far_phone.PhoneCall):
    """One call to a person who sends a tone."""
    hz = 1000

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rtp.close()
        self.line = Line(self.hz)
        self.rtp = self.line.rtp

    def run(self):
        self.line.talk(self.remote, self.is_over)
        self.rtp.close()


class ToneExchange(far_phone.Exchange):
    phone_call = ToneCall


class Station(threading.Thread):
    """An agent's telephone: dials in, answers what comes in the dialog, sends its tone until it hangs up."""

    def __init__(self, user, password, edge, hz):
        super().__init__(daemon=True)
        self.user, self.password, self.edge = user, password, edge
        self.line = Line(hz)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.call_id, self.tag = f"{random.getrandbits(64):x}", f"{random.getrandbits(32):x}"
        self.cseq = 0
        self.to = "<sip:station@dunlin>"
        self.target = "sip:station@dunlin"
        self.is_over = threading.Event()

    def request(self, method, cseq, more="", body=""):
        address = "%s:%d" % self.socket.getsockname()
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (f"{method} {self.target} SIP/2.0\r\nVia: SIP/2.0/UDP {address};rport;branch=z9hG4bK{random.getrandbits(64):x}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:{self.user}@dunlin>;tag={self.tag}\r\nTo: {self.to}\r\nCall-ID: {self.call_id}\r\nCSeq: {cseq} {method}\r\n"
                f"Contact: <sip:{self.user}@{address}>\r\n{more}{kind}Content-Length: {len(body)}\r\n\r\n{body}")
        self.socket.sendto(text.encode(), self.edge)

    def authorization(self, challenge):
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge).group(1) for name in ("realm", "nonce"))
        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        secret, act = md5(f"{self.user}:{realm}:{self.password}"), md5(f"INVITE:{self.target}")
        response = md5(f"{secret}:{nonce}:00000001:c0ffee:auth:{act}")
        return (f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{self.target}", response="{response}", '
                f'algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee"\r\n')

    def dial_in(self):
        """Until the station has answered."""
        more = ""
        for _ in range(4):
            self.cseq += 1
            self.request("INVITE", self.cseq, more, self.line.sdp())
            reply = self.final_reply()
            status = int(reply.split(" ", 2)[1])
            self.to = far_phone.header(reply, "To")
            if status == 401:
                self.request("ACK", self.cseq)
                self.to = "<sip:station@dunlin>"
                more = self.authorization(far_phone.header(reply, "WWW-Authenticate"))
                continue
            if status != 200:
                raise SystemExit(f"{self.user} dialed in and got {reply.splitlines()[0]}")
            self.target = re.search(r"<?(sip:[^>;\s]+)", far_phone.header(reply, "Contact")).group(1)
            self.request("ACK", self.cseq)
            address, port = re.search(r"c=IN IP4 (\S+)", reply).group(1), int(re.search(r"m=audio (\d+)", reply).group(1))
            threading.Thread(target=self.line.talk, args=((address, port), self.is_over), daemon=True).start()
            self.start()
            return
        raise SystemExit(f"{self.user} was never let in")

    def final_reply(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                message = self.socket.recv(65536).decode(errors="replace")
            except TimeoutError:
                continue
            if message.startswith("SIP/2.0 ") and int(message.split(" ", 2)[1]) >= 200 and f"CSeq: {self.cseq} " in message:
                return message
        raise SystemExit(f"{self.user} dialed in and got no answer")

    def run(self):
        while not self.is_over.is_set():
            try:
                datagram, peer = self.socket.recvfrom(65536)
            except (TimeoutError, ConnectionError):
                continue
            message = datagram.decode(errors="replace")
            method = message.split(" ", 1)[0]
            if method.startswith("SIP/2.0"):
                if "INVITE" in far_phone.header(message, "CSeq"):
                    self.request("ACK", self.cseq)
            elif method != "ACK":
                vias = "".join(f"Via: {via}\r\n" for via in re.findall(r"(?im)^Via:\s*(.+?)\s*$", message))
                names = "".join(f"{name}: {far_phone.header(message, name)}\r\n" for name in ("From", "To", "Call-ID", "CSeq"))
                body = self.line.sdp() if method == "INVITE" else ""
                kind = f"Contact: <sip:{self.user}@127.0.0.1:{self.socket.getsockname()[1]}>\r\nContent-Type: application/sdp\r\n" if body else ""
                self.socket.sendto(f"SIP/2.0 200 OK\r\n{vias}{names}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode(), peer)
                if method == "BYE":
                    self.is_over.set()

    def hang_up(self):
        self.cseq += 1
        self.request("BYE", self.cseq)
        self.is_over.set()
