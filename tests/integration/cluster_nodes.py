#!/usr/bin/env python3
"""Two nodes, one etcd: a portfolio imported on one is worked by both; one is killed and the other takes its cases over.

The judge holds the carrier's own log against the survivor's history, as for a single node. Afterwards the killed node
comes back and reads the same history.
"""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import cluster_rig
import main_job

SHARDS = cluster_rig.SHARDS


class ClusterNodes(cluster_rig.ClusterRig, rig.Rig):
    def make_folder(self):
        super().make_folder()
        secret = self.data / "trunk.secret"
        secret.touch(mode=0o600)
        secret.write_text("carrier secret\n")
        secret.chmod(0o400)
        self.trunk_login = f'register_user = "dunlin"\npassword_file = "{secret}"\n'

    def cases(self, node):
        return self.ask(node, "health")["cases"]

    def shards_worked(self):
        return {int(row["case"].split("_")[1], 16) % SHARDS for row in self.dunlin("attempt", "list")}

    def run(self):
        processes = self.start_cluster()
        self.import_portfolio()
        imported = self.dunlin("import", "list")[0]
        self.expect(imported["rejected"] < 100, f"{imported['rejected']} rows came back: not only the dirty ones")
        # A follower knows how far it is behind the heads it saw last; the last rows may be younger.
        self.wait_for("the copies", lambda: self.is_settled("ab") and self.cases("a") == self.cases("b"), 60)
        self.expect(self.cases("a") == imported["created"] > 800, f"{self.cases('a')} cases of {imported['created']} imported")
        self.at = "b"
        self.add_agents()
        self.start_robots("robots-b")
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.dunlin("campaign", "start", "demo")
        self.wait_for_calls(6)
        self.take_over(processes["a"])
        self.drain()
        attempts, calls = self.judge_history()
        self.expect(len(calls) >= 10, f"only {len(calls)} calls: nothing was proven")
        self.start_cluster_node("a")
        self.wait_for("a to catch up", lambda: self.is_settled("ab"), 90)
        # The robots' last outcomes may come after the end of the talks.
        self.wait_for("both nodes to tell the same history", lambda: self.ask("a", "attempt", "list") == self.ask("b", "attempt", "list"), 60)
        self.expect(len(self.ask("a", "attempt", "list")) == len(attempts), "the node that came back knows other attempts")
        return self.verdict()

    def take_over(self, process):
        theirs = self.shards_of("a", seen_by="b")
        self.expect(len(theirs) > SHARDS // 5, f"node a owned only {len(theirs)} shards")
        self.say(f"killing a, which owns {len(theirs)} shards")
        killed_at = time.monotonic()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.forget("node-a")
        self.wait_for("the takeover", lambda: self.status("b")["shards_served"] == SHARDS, 60)
        self.say(f"b serves all shards {time.monotonic() - killed_at:.1f} s after the kill")
        self.wait_for("calls to cases that were a's", lambda: len(self.shards_worked() & theirs) >= 3, 120)


if __name__ == "__main__":
    main_job.run_and_stop(ClusterNodes(rig.parse(__doc__), "cluster_nodes"))
