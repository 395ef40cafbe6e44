#!/usr/bin/env python3
"""Somebody else's telephone as an agent: baresip over TLS with SDES-SRTP, Opus and MD5 digest holds a talk with the
carrier. Each end sends its own tone; both ends and the stereo recording must hold the other one: frequency within 2 Hz,
level within 3 dB of what was sent, no gap of 40 ms in ten seconds. A machine that stalls gets three talks for the gaps."""
import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import judge
import main_job
import tone_meter

AGENT_HZ, DEBTOR_HZ = 440, 1000
DEBTOR_DB = -13.0  # What dunlin-carrier's tone is.
CONTROL_PORT = 17091
TALKS = 3
TALK_S = 16
MODULES = pathlib.Path("/usr/lib/baresip/modules")
SKIPPED = 77

CONFIG = """poll_method epoll
sip_cafile {ca}
call_max_calls 2
audio_source ausine,{hz}
audio_player aubridge,nothing
audio_alert aubridge,nothing
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
rtp_ports 36000-36100
module_path {modules}
module opus.so
module aubridge.so
module ausine.so
module sndfile.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
"""


def host_address():
    """baresip wants an address that is not the loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return ""


def give_address():
    """In a network namespace of its own (loopback only) root can add one."""
    if host_address() or os.geteuid() != 0:
        return bool(host_address())
    for words in (["addr", "add", "192.0.2.77/24", "dev", "lo"], ["route", "add", "default", "dev", "lo"]):
        subprocess.run(["ip", *words], check=False)
    return bool(host_address())


class BaresipAgent(main_job.Demo):
    def write_config(self):
        super().write_config()
        # Two media workers: the debtor's leg, already recorded, moves to the agent's.
        with open(self.data / "dunlin.toml", "a") as config:
            config.write("[media]\nworkers = 2\n")
        (self.data / "carrier.toml").write_text(f'[[number]]\nmatch = "7916*"\noutcome = "tone:{DEBTOR_HZ}"\n[ring]\nanswer_after_ms = [200, 400]\n')

    def add_phone(self):
        added = self.dunlin("agent", "add", "phone", "--name", "Phone", "--skills", "demo", "--digest", "md5")
        folder = self.data / "baresip"
        folder.mkdir()
        config = CONFIG.format(ca=self.data / "node/tls/cafile.pem", hz=AGENT_HZ, modules=MODULES, control=CONTROL_PORT, folder=folder)
        (folder / "config").write_text(config)
        (folder / "contacts").touch()
        edge = f"127.0.0.1:{main_job.PORTS['agents']}"
        (folder / "accounts").write_text(f'<sip:phone@dunlin;transport=tls>;auth_pass={added["sip_secret"]};outbound="sip:{edge};transport=tls";'
                                         "regint=60;mediaenc=srtp-mand;audio_codecs=opus/48000/2\n")
        self.start("baresip", "baresip", "-f", folder)
        self.wait_for("baresip's registration", lambda: self.phone()["registered"])

    def phone(self):
        return self.dunlin("agent", "show", "phone")

    def command_phone(self, command, parameter=""):
        """ctrl_tcp: JSON in a netstring."""
        text = json.dumps({"command": command, "params": parameter}).encode()
        with socket.create_connection(("127.0.0.1", CONTROL_PORT), timeout=10) as control:
            control.sendall(str(len(text)).encode() + b":" + text + b",")
            control.recv(4096)

    def dial_in(self):
        self.command_phone("dial", "sip:station@dunlin")
        self.wait_for("the phone's leg", lambda: self.phone()["leg"] == "up")
        self.dunlin("agent", "login", "phone")
        self.dunlin("agent", "ready", "phone")

    def import_people(self):
        rows = [f"Пробный Номер Синтетический;{n + 10}.05.1975;+791611100{n:02d};Москва;Б-{n};2000;200;60\n" for n in range(TALKS)]
        harness.import_people(self, rows, "people")

    def recorded(self, attempt):
        return any(r["recording"] == attempt for r in self.dunlin("recording", "list"))

    def talk(self):
        """One talk; returns what each of the four listeners heard."""
        self.dunlin("campaign", "resume" if self.has_started else "start", "people")
        self.has_started = True
        self.wait_for("the talk", lambda: self.phone()["state"] == "talking", 90)
        self.dunlin("campaign", "pause", "people")
        attempt, refused = self.phone()["call"], self.phone()["packets_refused"]
        time.sleep(TALK_S)
        # A few of a phone's first packets (NAT pinholes) are no SRTP; in the talk all must be.
        if self.phone()["packets_refused"] - refused > 10:
            raise SystemExit(f"the phone's packets were refused: {self.phone()['packets_refused'] - refused}")
        self.dunlin("agent", "hangup", "phone")
        self.wait_for("the wrap-up", lambda: self.phone()["state"] == "wrap_up")
        self.dunlin("agent", "outcome", "phone", "rpc_refusal")
        self.wait_for("the recording", lambda: self.recorded(attempt))
        sound = self.data / f"{attempt}.opus"
        self.dunlin("recording", "get", attempt, "--to", str(sound))
        subprocess.run(["opusdec", "--quiet", "--rate", "8000", sound, sound.with_suffix(".wav")], check=True)
        agent, debtor = tone_meter.read_wav(sound.with_suffix(".wav"))
        return {"recording, agent left": tone_meter.measure(agent, AGENT_HZ), "recording, debtor right": tone_meter.measure(debtor, DEBTOR_HZ),
                "carrier": self.heard_by_carrier(attempt)}

    def heard_by_carrier(self, attempt):
        """The carrier's meter counts from one packet with the tone to the next, 20 ms when none is missing."""
        def ends():
            return [event for event in judge.read_log(self.carrier_log()) if event.get("event") == "end" and event["call_id"].startswith(attempt)]
        self.wait_for("the carrier's report", lambda: bool(ends()))
        end = ends()[0]
        if not end["tone_hz"]:
            return None
        return tone_meter.Tone(end["tone_hz"], end["tone_db"], max(0, end["tone_break_ms"] - 20), end["rtp_rx"] / 50, 0)

    def phone_files(self):
        """What baresip sent and heard over all talks: it closes its files with the call."""
        self.command_phone("hangup")
        self.wait_for("the phone's hang-up", lambda: self.phone()["leg"] != "up")
        found = {kind: sorted((self.data / "baresip").glob(f"dump-*-{kind}.wav")) for kind in ("enc", "dec")}
        if not all(found.values()):
            raise SystemExit("baresip wrote no sound files")
        return found["enc"][0], found["dec"][0]

    def judge(self, heard, sent_db):
        """Complaints about frequency and level; gaps are judged over all talks."""
        problems = []
        for who, tone in heard.items():
            wanted_hz, wanted_db = (AGENT_HZ, sent_db) if who in ("recording, agent left", "carrier") else (DEBTOR_HZ, DEBTOR_DB)
            print(f"  {who}: {tone}", flush=True)
            if tone is None:
                problems.append(f"{who}: no tone near {wanted_hz} Hz")
                continue
            if abs(tone.hz - wanted_hz) > 2:
                problems.append(f"{who}: {tone.hz:.1f} Hz instead of {wanted_hz}")
            if abs(tone.level_db - wanted_db) > 3:
                problems.append(f"{who}: {tone.level_db:.1f} dBov instead of {wanted_db:.1f}")
            if who.startswith("recording") and tone.seconds < TALK_S - 4:
                problems.append(f"{who}: only {tone.seconds:.1f} s")
        return problems

    def run(self):
        self.make_folder()
        self.write_config()
        self.start_carrier()
        self.start_node()
        self.add_phone()
        self.dial_in()
        self.import_people()
        self.dunlin("campaign", "create", "people", "--portfolio", "people", "--skill", "demo", "--no-classifier")
        self.has_started = False
        talks = []
        for _ in range(TALKS):
            talks.append(self.talk())
            if all(tone and tone.gap_ms < 40 for tone in talks[-1].values()):
                break
        sent_file, heard_file = self.phone_files()
        sent = tone_meter.measure(tone_meter.read_wav(sent_file)[0], AGENT_HZ)
        print(f"  baresip sent: {sent}")
        problems = []
        if sent is None:
            raise SystemExit("baresip sent no tone")
        at_phone = tone_meter.measure(tone_meter.read_wav(heard_file)[0], DEBTOR_HZ)
        for talk in talks:
            problems += self.judge(talk, sent.level_db)
        problems += self.judge({"baresip": at_phone}, sent.level_db)
        for who in talks[0]:
            gaps = [talk[who].gap_ms for talk in talks if talk[who]]
            if gaps and min(gaps) >= 40:
                problems.append(f"{who}: gaps of {gaps} ms")
        if at_phone and at_phone.gap_ms >= 40:
            problems.append(f"baresip: a gap of {at_phone.gap_ms} ms")
        print(f"baresip as an agent: {len(talks)} talks, {len(problems)} problems")
        return harness.verdict(problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    arguments = parser.parse_args()
    arguments.data = str(pathlib.Path(arguments.build) / "integration/baresip_agent")
    arguments.scenario = arguments.data + "/carrier.toml"
    if shutil.which("baresip") is None or not give_address():
        print("skipped: baresip is not installed, or this machine has no address but the loopback's")
        sys.exit(SKIPPED)
    main_job.run_and_stop(BaresipAgent(arguments))


if __name__ == "__main__":
    main()
