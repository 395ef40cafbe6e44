#!/usr/bin/env python3
"""A carrier that agrees on one SRTP key and sends with another: the call goes on, the agent and the recording hear
nothing of it, every packet is counted as refused, the log says it once and what to do, the node lives."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import judge
import main_job
import tone_meter

DEBTOR_HZ = 1000


class WrongKey(main_job.Demo):
    robot_talk = "12-13"
    security = "required"

    def write_config(self):
        super().write_config()
        with open(self.data / "dunlin.toml", "a") as config:
            config.write(f'srtp = "{self.security}"\n')
        self.write_carrier()

    def write_carrier(self):
        (self.data / "carrier.toml").write_text(f'[[number]]\nmatch = "7916*"\noutcome = "tone:{DEBTOR_HZ}"\n[ring]\nanswer_after_ms = [200, 400]\n'
                                                '[rtp]\nsrtp = "wrong_key"\n')

    def import_portfolio(self):
        harness.import_people(self, ["Пробный Номер Синтетический;11.05.1975;+79161110011;Москва;К-1;2000;200;60\n"])

    def refused_packets(self):
        live = self.dunlin("call", "list")
        return self.dunlin("call", "show", live[0]["call"])["packets_refused"] if live else 0

    def recorded(self, attempt):
        return any(r["recording"] == attempt for r in self.dunlin("recording", "list"))

    def told_lines(self):
        return [line for line in (self.data / "node.log").read_text().splitlines() if " packets_refused " in line]

    def judge_log(self, attempt):
        lines = self.told_lines()
        print("\n".join(lines))
        if len(lines) != 1:
            return [f"{len(lines)} lines of refused packets, not one"]
        wanted = [f"attempt={attempt} ", "trunk=carrier ", "reason=wrong_key ", "from=127.0.0.1:", "ask the carrier, check srtp of this trunk"]
        return [f"the log's line lacks {part!r}" for part in wanted if part not in lines[0]]

    def ends(self):
        return [event for event in judge.read_log(self.carrier_log()) if event.get("event") == "end"]

    def judge(self, refused):
        attempt = self.dunlin("attempt", "list")[0]
        sound = self.data / "talk.opus"
        self.wait_for("the recording", lambda: self.recorded(attempt["attempt"]))
        self.dunlin("recording", "get", attempt["attempt"], "--to", str(sound))
        subprocess.run(["opusdec", "--quiet", "--rate", "8000", sound, sound.with_suffix(".wav")], check=True)
        agent, debtor = tone_meter.read_wav(sound.with_suffix(".wav"))
        loudest = max(abs(sample) for sample in debtor)
        self.wait_for("the carrier's report", self.ends)
        carrier = self.ends()[0]
        print(f"{refused} packets refused, outcome {attempt['outcome']}, loudest debtor sample {loudest}, agent's {max(abs(s) for s in agent)}, "
              f"carrier heard {carrier['voice_ms']} ms of voice over {carrier['srtp']}")
        problems = []
        if attempt["outcome"] != "answered":
            problems.append(f"outcome {attempt['outcome']}")
        # What little there is crosses over from the agent in the stereo codec.
        if loudest > 1000 or tone_meter.measure(debtor, DEBTOR_HZ):
            problems.append("the recording holds sound that was never authenticated")
        if max(abs(sample) for sample in agent) < 1000 or carrier["voice_ms"] < 500:
            problems.append("the agent was not heard, though our own key is right")
        return problems + self.judge_log(attempt["attempt"])

    def run(self):
        self.begin("--no-classifier")
        self.wait_for("refused packets", lambda: self.refused_packets() > 100, 90)
        refused = self.refused_packets()
        self.wait_for("the end of the talk", lambda: self.dunlin("call", "list") == [], 60)
        self.dunlin("campaign", "pause", "demo")
        problems = self.judge(refused)
        return harness.verdict(problems)


if __name__ == "__main__":
    harness.run(WrongKey, "wrong_key")
