#!/usr/bin/env python3
"""Whole-node load over real SIP and RTP on loopback; carrier and robots share the box, so the node's own CPU is printed.

usage: bench/calls_bench.py BUILD_FOLDER [setups|bridged|opus] [--seconds N] [--calls N] [--rate N]

setups   busy numbers at a steady rate: call set-ups a second, from reservation to settled attempt
bridged  concurrent talks, agents PCMA over SRTP, carrier plain PCMA, all recorded
opus     the same with agents speaking Opus: every packet is transcoded

Every run ends with the judge: no attempt may be lost, none may stay unsettled, carrier and history must agree. The exit code
is 1 when that fails, when fewer set-ups a second were made than asked for, or when a talk was lost meanwhile.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import main_job

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

PROFILES = {
    "setups": {"calls": 100, "seconds": 60, "codec": "pcma", "srtp": "cm", "talk": "5-15",
               "scenario": "[mix]\nbusy = 1\n[ring]\npost_dial_delay_ms = [300, 300]\n"},
    "bridged": {"calls": 300, "seconds": 30, "codec": "pcma", "srtp": "cm", "talk": "3000-3000",
                "scenario": "[mix]\nperson = 1\n[ring]\npost_dial_delay_ms = [200, 400]\nanswer_after_ms = [500, 1500]\n"
                            "early_media_share = 0.0\n[talk]\ntalk_ms = [3000000, 3000000]\nhangs_up_share = 0.0\nlimit_ms = 3000000\n"
                            "[rtp]\ncodecs = [\"PCMA\"]\nsrtp = \"off\"\n"},
}
PROFILES["opus"] = {**PROFILES["bridged"], "calls": 60, "codec": "opus", "srtp": "gcm"}


class CallsBench(main_job.Demo):
    carrier_rtp_ports = "30000-39998"
    robot_wrap = "1-1"
    robots_limit_s = 300

    def __init__(self, arguments):
        super().__init__(arguments)
        self.profile = PROFILES[arguments.profile]
        self.robot_codec, self.robot_srtp, self.robot_talk = (self.profile[key] for key in ("codec", "srtp", "talk"))
        self.is_setups = arguments.profile == "setups"
        self.missed = []

    def write_config(self):
        super().write_config()
        path = self.data / "dunlin.toml"
        rate = self.arguments.rate if self.is_setups else 20
        text = path.read_text().replace("channels = 60", f"channels = {max(400, self.arguments.calls + 50)}")
        path.write_text(text.replace("calls_per_second = 20.0", f"calls_per_second = {float(rate)}"))

    def expect_goal(self, is_met, what):
        if not is_met:
            self.missed.append(f"goal missed: {what}")

    def cpu_seconds(self):
        usage = {}
        for name, process in self.processes:
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            usage[name] = (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
        return usage

    def talking(self):
        return sum(1 for agent in self.dunlin("agent", "list") if agent["state"] == "talking")

    def prepare(self):
        self.make_folder()
        self.arguments.scenario = str(self.data / "carrier.toml")
        pathlib.Path(self.arguments.scenario).write_text(self.profile["scenario"])
        rows = int(self.arguments.rate * self.arguments.seconds * 1.5) if self.is_setups else self.arguments.calls * 2
        self.arguments.portfolio = str(self.data / "portfolio.csv")
        subprocess.run([sys.executable, ROOT / "tools/make_portfolio.py", "--rows", str(rows), "--format", "csv", "--clean",
                        "-o", self.arguments.portfolio], check=True, stdout=subprocess.DEVNULL)
        self.write_config()
        self.start_carrier()
        self.start_node()
        self.add_agents()
        self.import_portfolio()
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo", "--no-classifier")
        self.dunlin("campaign", "start", "demo")

    def measure(self):
        if not self.is_setups:
            self.wait_for(f"{self.arguments.calls} bridged talks",
                          lambda: self.talking() >= self.arguments.calls, 300)
        before, started, first = self.cpu_seconds(), time.monotonic(), self.dunlin("campaign", "show", "demo")
        time.sleep(self.arguments.seconds)
        after, took, last = self.cpu_seconds(), time.monotonic() - started, self.dunlin("campaign", "show", "demo")
        for name in after:
            self.say(f"{name}: {(after[name] - before[name]) / took * 100:.0f} % of one core")
        if self.is_setups:
            placed = last["attempts"] - first["attempts"]
            self.expect_goal(placed / took >= 0.98 * self.arguments.rate, f"{placed / took:.1f} set-ups a second, {self.arguments.rate} wanted")
            self.say(f"{placed} set-ups in {took:.1f} s: {placed / took:.1f}/s; node {1000 * (after['node'] - before['node']) / max(placed, 1):.2f} ms of CPU each")
        else:
            talks = self.talking()
            self.expect_goal(talks >= self.arguments.calls, f"{talks} talks at the end, {self.arguments.calls} wanted")
            self.say(f"{talks} talks held for {took:.0f} s; node {(after['node'] - before['node']) / took / max(talks, 1) * 100:.2f} % of a core a talk")

    def finish(self):
        self.dunlin("campaign", "pause", "demo")
        for agent in self.dunlin("agent", "list"):
            if agent["state"] == "talking":
                self.dunlin("agent", "hangup", agent["agent"], check=False)
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [], 120)
        time.sleep(3)
        campaign, attempts = self.dunlin("campaign", "show", "demo"), self.dunlin("attempt", "list")
        started = time.monotonic()
        recordings = self.finished_recordings(campaign["connected"], 600)
        self.expect_goal(len(recordings) >= campaign["connected"], f"{len(recordings)} recordings finished, {campaign['connected']} wanted")
        self.say(f"recordings finished {time.monotonic() - started:.0f} s after the last talk")
        self.say(f"recordings {len(recordings)}, {sum(r['duration_ms'] for r in recordings) / 1000:.0f} s, gaps {sum(r['gap_ms'] for r in recordings)} ms")
        if self.is_setups:
            campaign["connected"] = 1   # Busy numbers reach nobody: that nobody was connected is right here.
        problems = self.judge(campaign, attempts) + self.missed
        for problem in problems:
            print(f"  PROBLEM: {problem}")
        if problems == self.missed:
            self.say(f"no attempt lost: carrier's log and history agree on {len(attempts)} attempts")
        return 1 if problems else 0

    def run(self):
        self.prepare()
        self.measure()
        return self.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("profile", nargs="?", default="setups", choices=sorted(PROFILES))
    parser.add_argument("--seconds", type=int, help="how long to measure")
    parser.add_argument("--calls", type=int, help="concurrent talks, or agents that keep the rate up")
    parser.add_argument("--rate", type=int, default=100, help="set-ups a second (setups only)")
    parser.add_argument("--data", help="folder for the run's data (made anew)")
    arguments = parser.parse_args()
    profile = PROFILES[arguments.profile]
    arguments.seconds = arguments.seconds or profile["seconds"]
    arguments.calls = arguments.calls or profile["calls"]
    arguments.agents = arguments.calls
    arguments.data = arguments.data or str(pathlib.Path(arguments.build) / "bench" / arguments.profile)
    main_job.run_and_stop(CallsBench(arguments))


if __name__ == "__main__":
    main()
