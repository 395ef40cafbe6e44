#!/usr/bin/env python3
"""A supervisor on a live talk, in sound: agent, debtor and supervisor each send a tone of their own over real SIP legs, and
each of them is asked what it hears. Listen, whisper, barge, leave, mute, a paused recording and a take-over are ordered by
`dunlin call` as people do; levels must be within 3 dB of what was sent, what should not be heard 30 dB below. Two media
workers, so that legs move to meet. The history and the recording must tell the same story."""
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import far_phone
import tone_meter
import tone_phone

import main_job

AGENTS_UDP = 15063
NUMBER = "79161112001"
AGENT_HZ, DEBTOR_HZ, BOSS_HZ = 440, 1000, 1500
NAMES = {AGENT_HZ: "a", DEBTOR_HZ: "d", BOSS_HZ: "s"}
SETTLE_S, MEASURE_S = 0.4, 1.2
MISSING_DB, TOLERANCE_DB = -30, 3


class Supervision(main_job.Demo):
    def write_config(self):
        super().write_config()
        config = self.data / "dunlin.toml"
        config.write_text(config.read_text().replace("[agents]\n", f'[agents]\nudp_bind = "127.0.0.1:{AGENTS_UDP}"\nplain_agent_networks = ["127.0.0.0/8"]\n')
                          + "[media]\nworkers = 2\n")

    def seat(self, user, hz, *options):
        added = self.dunlin("agent", "add", user, "--digest", "md5", *options)
        phone = tone_phone.Station(user, added["sip_secret"], ("127.0.0.1", AGENTS_UDP), hz)
        phone.dial_in()
        self.wait_for(f"the leg of {user}", lambda: self.dunlin("agent", "show", user)["leg"] == "up")
        self.dunlin("agent", "login", user)
        return phone

    def import_person(self):
        harness.import_people(self, [f"Пробный Номер Синтетический;11.05.1975;+{NUMBER};Москва;С-1;2000;200;60\n"], "people")

    def expect(self, what, seen, wanted):
        print(f"  {what}: {seen}", flush=True)
        if seen != wanted:
            self.problems.append(f"{what}: {seen!r}, expected {wanted!r}")

    def heard(self, what, wanted):
        """Who hears which tones: agent / debtor / supervisor."""
        time.sleep(SETTLE_S)
        since = time.monotonic()
        time.sleep(MEASURE_S)
        said = []
        for line in self.lines:
            tones = ""
            for hz, level in line.levels(since, NAMES).items():
                if level > MISSING_DB:
                    tones += NAMES[hz]
                    if abs(level) > TOLERANCE_DB:
                        self.problems.append(f"{what}: {hz} Hz at {level:.1f} dB of what was sent")
            said.append(tones)
        self.expect(what, "/".join(said), wanted)

    def refused(self, words, code, sentence):
        command = [str(self.bin / "dunlin"), "--socket", str(self.node_folder() / "dunlin.sock"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.expect(" ".join(words), (done.returncode, sentence in done.stderr), (code, True))
        if sentence not in done.stderr:
            print("   said:", done.stderr.strip())

    def order(self, verb):
        self.dunlin("call", verb, self.attempt, "--as", "boss")

    def listen_whisper_barge(self):
        self.heard("before anybody listens", "d/a/")
        self.refused(["call", "listen", self.attempt, "--as", "ann"], 5, "is no supervisor")
        self.refused(["call", "listen", "att_00000000000000aa", "--as", "boss"], 3, "no live call")
        self.refused(["call", "listen", self.attempt], 2, "--as SUPERVISOR is missing")
        self.refused(["call", "leave", self.attempt, "--as", "boss"], 4, "not on the call")
        self.order("listen")
        self.heard("listen", "d/a/ad")
        self.expect("the supervisor's state", self.dunlin("agent", "show", "boss")["state"], "supervising")
        self.expect("the call's supervision", self.dunlin("call", "show", self.attempt)["supervision"], "listen")
        self.order("whisper")
        self.heard("whisper", "ds/a/ad")
        self.order("barge")
        self.heard("barge", "ds/as/ad")
        self.order("leave")
        self.heard("after leaving", "d/a/")

    def mute_and_pause(self):
        self.dunlin("agent", "mute", "ann")
        self.heard("the agent mute", "d//")
        self.dunlin("agent", "unmute", "ann")
        self.dunlin("recording", "pause", self.attempt)
        self.refused(["recording", "pause", self.attempt], 4, "paused already")
        self.heard("the recording paused", "d/a/")
        self.dunlin("recording", "resume", self.attempt)

    def hold_and_resume(self):
        self.dunlin("agent", "hold", "ann")
        self.expect("the agent's state", self.dunlin("agent", "show", "ann")["state"], "hold")
        self.heard("on hold the debtor hears music and no agent", "d//")
        self.refused(["agent", "hold", "ann"], 4, "hold")
        self.dunlin("agent", "resume", "ann")
        self.heard("back from hold", "d/a/")
        self.refused(["agent", "resume", "ann"], 4, "resume")

    def take_over(self):
        self.order("takeover")
        self.heard("taken over", "/s/d")
        self.expect("the agent's state", self.dunlin("agent", "show", "ann")["state"], "wrap_up")
        self.expect("the supervisor talks", self.dunlin("agent", "show", "boss")["state"], "talking")
        self.dunlin("agent", "outcome", "ann", "third_party_refused")
        self.dunlin("agent", "break", "ann")
        self.dunlin("agent", "hangup", "boss")
        self.wait_for("the supervisor's wrap-up", lambda: self.dunlin("agent", "show", "boss")["state"] == "wrap_up")
        self.dunlin("agent", "outcome", "boss", "rpc_refusal")
        self.expect("afterwards the supervisor is", self.dunlin("agent", "show", "boss")["state"], "break")
        self.refused(["call", "listen", self.attempt, "--as", "boss"], 4, "the call has ended")
        self.dunlin("agent", "recall", "boss")
        self.expect("called back the supervisor is", self.dunlin("agent", "show", "boss")["state"], "ready")
        self.refused(["agent", "recall", "boss"], 4, "recall")
        self.dunlin("agent", "pause-after-call", "boss")
        self.expect("with nothing to end the supervisor is", self.dunlin("agent", "show", "boss")["state"], "break")
        self.dunlin("agent", "logout", "ann")
        self.expect("the agent has gone", self.dunlin("agent", "show", "ann")["state"], "logged_out")

    def judge_history(self):
        attempt = self.dunlin("attempt", "list")[0]
        facts = [fact["what"] for fact in self.dunlin("case", "show", attempt["case"]) if fact["event"] == "call_controlled"]
        acts = ("listen", "whisper", "barge", "leave", "pause_recording", "resume_recording", "take_over")
        self.expect("acts in the history", [next((act for act in acts if f" {act} " in fact), fact) for fact in facts], list(acts))
        self.expect("the disposition", attempt["disposition"], "rpc_refusal")

    def judge_call(self):
        """What is kept of the call after its end."""
        shown = self.dunlin("attempt", "show", self.attempt)
        self.expect("the attempt shown", (shown["attempt"], shown["disposition"]), (self.attempt, "rpc_refusal"))
        ladder = [(row["direction"], row["message"].split()[0]) for row in self.dunlin("call", "trace", self.attempt)]
        self.expect("the ladder begins with", ladder[0], ("-->", "INVITE"))
        self.expect("the ladder holds", [word for word in ("200", "ACK", "BYE") if word in [message for _, message in ladder]], ["200", "ACK", "BYE"])

    def play_recording(self):
        """The player is a program that writes down what it is given: people have one of four, this machine may have none."""
        players = self.data / "players"
        players.mkdir()
        player, heard = players / "ffplay", self.data / "played.opus"
        player.write_text(f'#!/bin/sh\nfor file; do :; done\ncp "$file" "{heard}"\n')
        player.chmod(0o755)
        command = [str(self.bin / "dunlin"), "--socket", str(self.node_folder() / "dunlin.sock"), "recording", "play", self.attempt]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": f"{players}:{os.environ['PATH']}"})
        self.expect("played", (done.returncode, done.stderr.strip()), (0, "playing with ffplay"))
        self.expect("what the player was given is the recording", heard.read_bytes()[:4] if heard.exists() else b"", b"OggS")

    def judge_recording(self):
        self.wait_for("the recording", lambda: any(r["recording"] == self.attempt for r in self.dunlin("recording", "list")))
        sound = self.data / f"{self.attempt}.opus"
        self.dunlin("recording", "get", self.attempt, "--to", str(sound))
        sidecar = next(json.loads(file.read_text()) for file in sorted(self.data.glob(f"{self.attempt}*.json")))
        self.expect("pauses in the side-car", len(sidecar["pauses"]), 1)
        self.expect("gaps in the side-car", sidecar["gaps"], [])
        subprocess.run(["opusdec", "--quiet", "--rate", "8000", sound, sound.with_suffix(".wav")], check=True)
        listed = [line.split() for line in self.manifest_lines() if line.startswith("recording ")]
        self.expect("the recording in the backup's list", [(line[1], line[3].endswith(f"/{self.attempt}.opus.sealed")) for line in listed], [(sidecar["sha256"], True)])
        left, right = tone_meter.read_wav(sound.with_suffix(".wav"))
        begin, end = sidecar["pauses"][0]["from_ms"], sidecar["pauses"][0]["to_ms"]
        self.expect("the pause is as long as it was ordered", 1200 < end - begin < 6000, True)
        inside = slice((begin + 150) * 8, (end - 150) * 8)
        for name, channel in (("left", left), ("right", right)):
            loudest = max(tone_meter.decibels(tone_meter.power_at(channel[inside], hz)) for hz in NAMES)
            self.expect(f"{name} is silent in the pause", loudest < -60, True)
        self.expect("the supervisor is left while barging in, and at the end", self.boss_is_left(left), True)
        self.expect("the debtor alone is right", max(tone_meter.decibels(tone_meter.power_at(right, hz)) for hz in (AGENT_HZ, BOSS_HZ)) < -45, True)

    def manifest_lines(self):
        backup = self.data / "backup"
        self.dunlin("backup", str(backup))
        return (backup / "manifest.txt").read_text().splitlines()

    @staticmethod
    def boss_is_left(left):
        """Seconds of the left channel that hold the supervisor: the barge and the take-over, not the whisper."""
        seconds = [tone_meter.decibels(tone_meter.power_at(left[i:i + 8000], BOSS_HZ)) > -30 for i in range(0, len(left) - 8000, 8000)]
        stretches = sum(1 for n, is_on in enumerate(seconds) if is_on and (n == 0 or not seconds[n - 1]))
        return stretches == 2 and sum(seconds) < len(seconds) / 2

    def run(self):
        self.problems = []
        self.make_folder()
        (self.data / "node").mkdir()
        self.write_config()
        person = far_phone.Person(NUMBER, acts=[])
        with tone_phone.ToneExchange(main_job.PORTS["carrier"], [person]) as exchange:
            self.start_node()
            agent = self.seat("ann", AGENT_HZ, "--skills", "demo")
            boss = self.seat("boss", BOSS_HZ, "--role", "supervisor")
            self.dunlin("agent", "ready", "ann")
            self.import_person()
            self.dunlin("campaign", "create", "people", "--portfolio", "people", "--skill", "demo", "--no-classifier")
            self.dunlin("campaign", "start", "people")
            self.wait_for("the talk", lambda: self.dunlin("agent", "show", "ann")["state"] == "talking", 90)
            self.dunlin("campaign", "pause", "people")
            self.attempt = self.dunlin("agent", "show", "ann")["call"]
            self.lines = (agent.line, person.calls[0].line, boss.line)
            self.listen_whisper_barge()
            self.mute_and_pause()
            self.hold_and_resume()
            self.take_over()
            self.wait_for("the end of the call", lambda: self.dunlin("call", "list") == [], 60)
            self.judge_history()
            self.judge_call()
            self.judge_recording()
            self.play_recording()
            boss.hang_up()
            self.wait_for("the supervisor's phone to be down", lambda: self.dunlin("agent", "show", "boss")["leg"] != "up")
            self.refused(["call", "listen", self.attempt, "--as", "boss"], 4, "no leg")
            agent.hang_up()
        self.problems += exchange.problems
        print(f"a supervisor on a talk: {len(self.problems)} problems")
        return harness.verdict(self.problems)


if __name__ == "__main__":
    harness.run(Supervision, "supervision")
