#!/usr/bin/env python3
"""Kills the dialing node with SIGKILL again and again, then lets the judge hold the carrier's own log against the history:
no Call-ID starts two calls, at most two legs an attempt, the second only after a final failure without 18x and after its
commitment, every call has a reservation, every reservation is settled exactly once, projections rebuild byte by byte.
"""
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import main_job


class KillLoop(rig.Rig):
    def run(self):
        self.begin()
        dice = random.Random(self.arguments.seed)
        for number in range(self.arguments.rounds):
            self.wait_for_calls(len(self.calls()) + 3)
            time.sleep(dice.uniform(0, 5))
            self.kill_node()
            self.start_node()
            self.say(f"killed and restarted: round {number + 1}")
        self.wait_for_calls(len(self.calls()) + 3)
        self.drain()
        attempts, calls = self.judge_history()
        self.expect(len(calls) >= 4 * self.arguments.rounds, f"only {len(calls)} calls reached the carrier: nothing was proven")
        self.expect(any(row["second_legs"] for row in attempts), "no second leg: that rule was not tried")
        return self.verdict()


if __name__ == "__main__":
    main_job.run_and_stop(KillLoop(rig.parse(__doc__, rounds=5), "kill_loop"))
