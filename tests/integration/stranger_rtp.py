#!/usr/bin/env python3
"""Somebody sends RTP of its own to every media port of the node while an agent talks: agent, debtor and recording hear
nothing of it and lose nothing by it; the log says once a leg who it is and what to do."""
import math
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import tone_meter
import wrong_key

STRANGER = "127.0.0.9"
STRANGER_HZ = 1800
FRAME = 160


def alaw(sample):
    """ITU-T G.711 by its segments; even bits inverted."""
    sign, level = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    level = min(level, 32767) >> 4
    segment = max(0, level.bit_length() - 4)
    return (sign | segment << 4 | level >> max(0, segment - 1) & 15) ^ 0x55


class Stranger(threading.Thread):
    """Fifty packets a second of a loud tone to each port, from an address nobody has named."""

    def __init__(self, ports):
        super().__init__(daemon=True)
        self.ports = ports
        self.sent = 0
        self.is_over = threading.Event()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((STRANGER, 0))

    def run(self):
        sequence, begun = 0, time.monotonic()
        while not self.is_over.wait(max(0.0, begun + sequence * 0.02 - time.monotonic())):
            at = sequence * FRAME
            sound = bytes(alaw(int(20000 * math.sin(2 * math.pi * STRANGER_HZ * (at + i) / 8000))) for i in range(FRAME))
            packet = struct.pack("!BBHII", 0x80, 8, sequence & 0xFFFF, at, 0x57A46E00) + sound
            for port in self.ports:
                self.socket.sendto(packet, ("127.0.0.1", port))
            sequence += 1
            self.sent += 1


class StrangerRtp(wrong_key.WrongKey):
    # Plain RTP to the carrier: only the address tells the far end from a stranger.
    security = "off"

    def write_carrier(self):
        (self.data / "carrier.toml").write_text(f'[[number]]\nmatch = "7916*"\noutcome = "tone:{wrong_key.DEBTOR_HZ}"\n[ring]\nanswer_after_ms = [200, 400]\n')

    def media_ports(self):
        """The node's RTP ports: the even ones of its UDP sockets."""
        rows = subprocess.run(["ss", "-Hlunp"], capture_output=True, text=True, check=True).stdout
        own = f"pid={dict(self.processes)['node'].pid},"
        ports = {int(m.group(1)) for row in rows.splitlines() if own in row and (m := re.search(r"127\.0\.0\.1:(\d+)", row))}
        return sorted(port for port in ports if 20000 <= port < 30000 and port % 2 == 0)

    def judge_log(self, attempt):
        lines = self.told_lines()
        print("\n".join(lines))
        of_trunk = [line for line in lines if f"attempt={attempt} trunk=carrier " in line]
        of_agent = [line for line in lines if " agent=a001 " in line]
        if (len(of_trunk), len(of_agent), len(lines)) != (1, 1, 2):
            return [f"lines of refused packets: {len(of_trunk)} of the trunk, {len(of_agent)} of the agent, {len(lines)} in all"]
        wanted = [(of_trunk[0], "reason=stranger "), (of_trunk[0], f"from={STRANGER}:"), (of_trunk[0], "close the RTP ports to it in the firewall"),
                  (of_agent[0], "reason=stranger "), (of_agent[0], "from=127.0.0.0/24 "), (of_agent[0], "let only the agents' networks reach the RTP ports")]
        return [f"the line lacks {part!r}: {line}" for line, part in wanted if part not in line]

    def judge_sound(self):
        attempt = self.dunlin("attempt", "list")[0]
        self.wait_for("the recording", lambda: self.recorded(attempt["attempt"]))
        sound = self.data / "talk.opus"
        self.dunlin("recording", "get", attempt["attempt"], "--to", str(sound))
        subprocess.run(["opusdec", "--quiet", "--rate", "8000", sound, sound.with_suffix(".wav")], check=True)
        agent, debtor = tone_meter.read_wav(sound.with_suffix(".wav"))
        heard = tone_meter.measure(debtor, wrong_key.DEBTOR_HZ)
        print(f"outcome {attempt['outcome']}, the debtor is heard: {heard}")
        problems = [] if attempt["outcome"] == "answered" else [f"outcome {attempt['outcome']}"]
        if heard is None or abs(heard.hz - wrong_key.DEBTOR_HZ) > 3 or heard.gap_ms > 300:
            problems.append(f"the debtor's sound was harmed: {heard}")
        if any(tone_meter.measure(side, STRANGER_HZ) for side in (agent, debtor)):
            problems.append("the recording holds the stranger's sound")
        return problems + self.judge_log(attempt["attempt"])

    def run(self):
        self.begin("--no-classifier")
        self.wait_for("the talk", lambda: any(call["state"] == "talking" for call in self.dunlin("call", "list")), 90)
        ports = self.media_ports()
        stranger = Stranger(ports)
        stranger.start()
        self.wait_for("refused packets", lambda: self.refused_packets() > 100, 60)
        self.wait_for("the end of the talk", lambda: self.dunlin("call", "list") == [], 60)
        stranger.is_over.set()
        self.dunlin("campaign", "pause", "demo")
        print(f"{stranger.sent} packets to each of {len(ports)} ports")
        problems = self.judge_sound() + ([] if len(ports) == 2 else [f"{len(ports)} RTP ports, not the agent's and the trunk's"])
        return harness.verdict(problems)


if __name__ == "__main__":
    harness.run(StrangerRtp, "stranger_rtp")
