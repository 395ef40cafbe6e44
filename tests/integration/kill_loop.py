#!/usr/bin/env python3
"""Kills the dialing node with SIGKILL again and again, then holds the carrier's own log against the history:
no Call-ID starts two calls, at most two legs an attempt, every INVITE has a durable reservation, every reservation is
settled exactly once, the history's projections rebuild byte by byte.
"""
import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

demo_module = harness.load_demo()


class KillLoop(demo_module.Demo):
    def __init__(self, arguments):
        super().__init__(arguments)
        self.started_at = None
        self.node = None

    def clock_start(self):
        """The wall clock goes on over restarts: a clock that went back would (rightly) forbid every call."""
        day = 20780  # 2026-11-23, a Monday, 08:00Z = 11:00 in Moscow
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(day * 86400 + 8 * 3600 + int(time.time() - self.started_at) + 1))

    def start_node(self):
        self.started_at = self.started_at or time.time()
        self.processes = [(name, process) for name, process in self.processes if name != "node"]
        self.node = self.start("node", self.bin / "dunlind", "--config", self.data / "dunlin.toml", "--clock-start", self.clock_start())
        self.wait_for("the node", lambda: self.dunlin("health", check=False) != "")

    def kill_node(self):
        self.node.send_signal(signal.SIGKILL)
        self.node.wait()

    def judge_history(self):
        attempts = self.dunlin("attempt", "list")
        problems = []
        initial = {}
        for line in open(self.data / "carrier.jsonl"):
            event = json.loads(line)
            if event.get("event") == "invite" and not event["is_retransmission"] and not event["is_reinvite"] and not event["has_auth"]:
                initial[event["call_id"]] = initial.get(event["call_id"], 0) + 1
        twice = [call_id for call_id, count in initial.items() if count > 1]
        if twice:
            problems.append(f"Call-IDs that started two calls: {twice}")
        legs = {}
        for call_id in initial:
            attempt = call_id.split("@")[0].rsplit("-", 1)[0]
            legs[attempt] = legs.get(attempt, 0) + 1
        known = {a["attempt"]: a for a in attempts}
        if any(count > 2 for count in legs.values()):
            problems.append("more than two legs of an attempt")
        strangers = [a for a in legs if a not in known]
        if strangers:
            problems.append(f"INVITEs without a reservation: {strangers}")
        unsettled = [a for a, view in known.items() if not view["outcome"]]
        if unsettled:
            problems.append(f"reservations never settled: {unsettled}")
        ids = [a["attempt"] for a in attempts]
        if len(ids) != len(set(ids)):
            problems.append("an attempt is listed twice")
        if len(legs) < 5:
            problems.append(f"only {len(legs)} calls reached the carrier: nothing was proven")
        print(f"{len(attempts)} attempts, {len(legs)} at the carrier, "
              f"{sum(1 for a in attempts if a['outcome'] == 'unknown_after_failure')} unknown after a kill")
        return problems

    def run(self):
        import shutil
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        self.write_config()
        self.start("carrier", self.bin / "dunlin-carrier", "--listen", f"127.0.0.1:{demo_module.PORTS['carrier']}", "--scenario",
                   self.arguments.scenario, "--log", self.data / "carrier.jsonl", "--rtp-ports", "30000-34998", "--seed", "2")
        self.wait_for("the carrier", lambda: (self.data / "carrier.jsonl").exists() and "started" in (self.data / "carrier.jsonl").read_text(), 120)
        self.start_node()
        self.add_agents()
        self.import_portfolio()
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.dunlin("campaign", "start", "demo")
        dice = random.Random(self.arguments.seed)
        for round_number in range(self.arguments.rounds):
            time.sleep(dice.uniform(4, 8))
            self.kill_node()
            self.start_node()
            print(f"killed and restarted: round {round_number + 1}", flush=True)
        time.sleep(5)
        self.dunlin("campaign", "pause", "demo")
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [], 90)
        time.sleep(2)
        problems = self.judge_history()
        verified = self.dunlin("history", "rebuild", "--verify")
        if verified["differing_cases"]:
            problems.append(f"projections differ: {verified['differences'][:3]}")
        for problem in problems:
            print("VIOLATION:", problem)
        print("0 violations" if not problems else f"{len(problems)} violations")
        return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.agents = 6
    arguments.portfolio = str(harness.ROOT / "demo/portfolio.xlsx")
    arguments.scenario = str(harness.ROOT / "demo/carrier.toml")
    arguments.data = str(pathlib.Path(arguments.build) / "integration/kill_loop")
    arguments.keep = False
    loop = KillLoop(arguments)
    try:
        code = loop.run()
    finally:
        loop.stop()
    sys.exit(code)


if __name__ == "__main__":
    main()
