#!/usr/bin/env python3
"""Faults in the midst of dialing: a full disk, a wall clock that jumps, a carrier that dies. Each is told by `health` or
`trunk list` with its place, no new attempt is made while it lasts, outcomes are kept, and dialing goes on by itself when it
is over. In the end the judge finds every call of the carrier in the history, each settled once.

The node's data folder is a small tmpfs in a mount namespace of its own; the outside reaches it through /proc/PID/root.
The clock is moved by a preloaded library (tests/support/clock_step.c).
"""
import pathlib
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import main_job

DISK_MB, RESERVE_MB = 600, 150
QUIET_S = 4
SKIPPED = 77  # As ctest is told.


class Outages(rig.Rig):
    def __init__(self, arguments):
        super().__init__(arguments, "outages")
        self.has_login = False
        self.step_file = self.data / "clock.step"

    def start_carrier(self):
        scenario = pathlib.Path(self.arguments.scenario).read_text().partition("[auth]")[0]
        self.arguments.scenario = str(self.data / "carrier.toml")
        pathlib.Path(self.arguments.scenario).write_text(scenario)
        super().start_carrier()

    def own_mounts(self):
        """The command that gives its child mounts of its own; a user without namespaces and a bare container have none."""
        for command in (["unshare", "-rm"], ["unshare", "-m"]):
            probe = subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
            if probe.returncode == 0:
                return command
        print(f"skipped: this system gives no namespaces, so no small disk can be made: {probe.stderr.strip()}")
        raise SystemExit(SKIPPED)

    def start_node(self, *under):
        own_mounts = self.own_mounts()
        disk = self.data / "disk"
        disk.mkdir()
        self.set_clock_step(0)
        mount = f'mount -t tmpfs -o size={DISK_MB}m,mode=700 none "{disk}" && exec "$@"'
        preload = ["env", f"LD_PRELOAD={self.bin.parent / 'lib/libclock_step.so'}", f"DUNLIN_CLOCK_STEP_FILE={self.step_file}"]
        self.node = self.start("node", *own_mounts, "sh", "-c", mount, "sh", *preload, self.bin / "dunlind",
                               "--config", self.data / "dunlin.toml", "--clock-start", self.clock_start())
        (self.data / "node").symlink_to(f"/proc/{self.node.pid}/root{disk}")
        self.wait_for("the node", lambda: self.dunlin("health", check=False) != "", 120)

    def write_config(self):
        super().write_config()
        config = self.data / "dunlin.toml"
        text = config.read_text().replace(f'"{self.data / "node"}"', f'"{self.data / "disk"}"')
        config.write_text(text.replace("min_free_mb = 64", f"min_free_mb = {RESERVE_MB}"))

    def set_clock_step(self, seconds):
        """In place: the node has the file mapped."""
        with open(self.step_file, "r+b" if self.step_file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds * 1000))

    def problems_of_node(self):
        return " | ".join(self.dunlin("health", check=False)["problems"])

    def wait_for_problem(self, *words):
        self.wait_for(f"a problem with {words}", lambda: all(word in self.problems_of_node() for word in words), 60)

    def expect_quiet(self, fault):
        """After what was under way no new call starts."""
        self.wait_for("the end of what was under way", self.is_settling, 30)
        before = set(self.calls())
        time.sleep(QUIET_S)
        self.expect(not set(self.calls()) - before, f"calls were started during: {fault}")

    def is_settling(self):
        """Two seconds without a new call: a slow machine sends late what was reserved before the fault."""
        known = set(self.calls())
        time.sleep(2)
        return set(self.calls()) == known

    def expect_recovery(self, fault):
        self.wait_for(f"calls after {fault}", lambda known=set(self.calls()): len(set(self.calls()) - known) >= 3, 240)
        self.say(f"dialing goes on after {fault}")

    def settled(self):
        return {row["attempt"] for row in self.dunlin("attempt", "list") if row["settlements"]}

    def fill_the_disk(self):
        filler = self.data / "node/filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"f" * 65536)
            except OSError:
                pass
        self.wait_for_problem("no new attempts")
        self.expect_quiet("a full disk")
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [], 120)
        reserved = {row["attempt"] for row in self.dunlin("attempt", "list")}
        filler.unlink()
        self.wait_for("the recovery", lambda: "no new attempts" not in self.problems_of_node(), 60)
        self.wait_for("the outcomes of all that was reserved", lambda: reserved <= self.settled(), 60)
        self.expect_recovery("a full disk")

    def step_the_clock(self):
        for seconds in (3600, -3600):
            self.set_clock_step(seconds)
            self.wait_for_problem("wall clock was set", "restart the node")
            idle = self.dunlin("campaign", "why-idle", "demo", "--lang", "en", as_json=False)
            self.expect("clock" in idle, f"why-idle does not tell of the clock: {idle}")
            self.expect_quiet(f"a clock step of {seconds} s")
            self.set_clock_step(0)
            self.expect_recovery(f"a clock step of {seconds} s")

    def lose_the_carrier(self):
        carrier = dict(self.processes)["carrier"]
        self.forget("carrier")
        carrier.send_signal(signal.SIGKILL)
        carrier.wait()
        self.wait_for("the trunks' fall", lambda: all(row["health"] == "down" for row in self.dunlin("trunk", "list")), 120)
        self.wait_for_problem("trunk one: no answer", "trunk two: no answer")
        self.wait_for("the settlements", lambda: self.dunlin("call", "list") == [], 240)
        self.carrier_log().rename(self.data / "carrier-1.jsonl")
        super().start_carrier()
        self.expect_recovery("a dead carrier")

    def carrier_events(self):
        """Both lives of the carrier; what was sent between them nobody saw."""
        return [event for name in ("carrier-1.jsonl", "carrier.jsonl") for event in rig.judge.read_log(self.data / name)]

    def run(self):
        self.begin()
        self.wait_for_calls(10)
        self.fill_the_disk()
        self.step_the_clock()
        self.lose_the_carrier()
        self.drain()
        self.judge_history(has_outage=True)
        return self.verdict()


if __name__ == "__main__":
    main_job.run_and_stop(Outages(rig.parse(__doc__)))
