#!/usr/bin/env python3
"""Two nodes, one etcd: a portfolio imported on one is worked by both; one is killed and the other takes its cases over.

The judge holds the carrier's own log against the survivor's history, as for a single node. Afterwards the killed node
comes back and reads the same history.
"""
import pathlib
import signal
import subprocess
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

    def cases_known(self, node):
        return self.ask(node, "health")["cases"]

    def shards_worked(self):
        return {int(row["case"].split("_")[1], 16) % SHARDS for row in self.dunlin("attempt", "list")}

    def run(self):
        processes = self.start_cluster()
        self.import_portfolio()
        imported = self.dunlin("import", "list")[0]
        self.expect(imported["rejected"] < 100, f"{imported['rejected']} rows came back: not only the dirty ones")
        # A follower knows how far it is behind the heads it saw last; the last rows may be younger.
        self.wait_for("the copies", lambda: self.is_settled("ab") and self.cases_known("a") == self.cases_known("b"), 60)
        self.expect(self.cases_known("a") == imported["created"] > 800, f"{self.cases_known('a')} cases of {imported['created']} imported")
        self.share_documents()
        self.at = "b"
        self.start_robots("robots-b")
        self.ask("b", "campaign", "start", "demo")
        self.wait_for("the campaign to run on a,", lambda: self.ask("a", "campaign", "show", "demo")["state"] == "running", 30)
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
        self.compare_copies(attempts[0]["case"])
        self.change_without_etcd()
        return self.verdict()

    def compare_copies(self, case):
        """Byte for byte the same on both, as either node tells; a node that does not answer is said to be away."""
        report = self.ask("a", "history", "compare")
        self.expect((report["compared"], report["equal"]) == (SHARDS, SHARDS), f"the copies are not equal: {report['first_difference']}, {report['behind']} behind")
        self.expect(report["cases"] == self.cases_known("a") and report["events"] > report["cases"], f"compared {report['cases']} cases, {report['events']} events")
        one = self.ask("b", "history", "compare", case)
        self.expect([copy["result"] for copy in one["shards"][0]["copies"]] == ["equal", "equal"], f"one case: {one}")
        self.say(f"{report['cases']} cases and {report['events']} events are the same on both nodes")
        a = next(process for name, process in self.processes if name == "node-a")
        a.send_signal(signal.SIGSTOP)
        try:
            away = self.compare_on_b()
        finally:
            a.send_signal(signal.SIGCONT)
        self.expect(away.returncode == 7 and "not there" in away.stdout, f"with a standing still: {away.returncode} {away.stdout[-300:]}{away.stderr[-300:]}")
        self.wait_for("a to be back", lambda: self.is_settled("ab"), 90)

    def compare_on_b(self):
        command = [self.bin / "dunlin", "--socket", self.folder("b") / "dunlin.sock", "history", "compare", "--lang", "en"]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)

    def change_without_etcd(self):
        """Documents are read from the node's own disk; a change is refused and done by nobody. Afterwards it goes."""
        etcd = next(process for name, process in self.processes if name == "etcd-0")
        before = len(self.ask("b", "agent", "list"))
        etcd.send_signal(signal.SIGSTOP)
        try:
            self.ask("b", "agent", "add", "late", "--skills", "demo")
            self.expect(False, "an agent was added without etcd")
        except SystemExit as refused:
            self.expect("nothing was changed" in str(refused), f"the refusal without etcd reads: {refused}")
            self.say(str(refused))
        finally:
            self.expect(len(self.ask("b", "agent", "list")) == before, "the refused agent is there")
            etcd.send_signal(signal.SIGCONT)
        self.wait_for("a change after the outage", lambda: self.ask("b", "agent", "add", "late", "--skills", "demo", check=False), 60)
        began = time.monotonic()
        self.wait_for("a to know it", lambda: self.shared("a") == self.shared("b"), 30)
        self.say(f"a shows b's agent {time.monotonic() - began:.1f} s after its command, with the looks at both nodes")

    def shared(self, node):
        """What operators made, as this node knows it."""
        campaigns = [(row["campaign"], row["state"]) for row in self.ask(node, "campaign", "list")]
        strategies = self.ask(node, "strategy", "history", "soft_collection", check=False)
        # Whether an agent is logged in is the business of the node with its phone.
        agents = [(row["agent"], row["skills"]) for row in self.ask(node, "agent", "list")]
        return campaigns, agents, strategies

    def share_documents(self):
        """Agents, a strategy and the campaign are made on a and are b's as well; what b changes is known to a."""
        self.at = "a"
        self.add_agents()
        strategy = main_job.ROOT / "config/strategies/soft_collection.toml"
        self.ask("a", "strategy", "set", str(strategy))
        # By what is owed, so that the cases of both nodes take turns: by age, those of the node that planned first would all go first.
        order = self.data / "campaign.toml"
        order.write_text('rank = "highest_overdue"\n')
        self.ask("a", "campaign", "create", "demo", "--file", str(order), "--portfolio", "demo", "--skill", "demo")
        self.wait_for("b to know what was made on a", lambda: self.shared("a") == self.shared("b"), 30)
        self.expect(len(self.ask("b", "agent", "list")) == self.arguments.agents, "b does not have all agents")
        self.ask("b", "strategy", "set", str(strategy))
        self.wait_for("a to know what b changed", lambda: self.shared("a") == self.shared("b"), 30)
        self.expect(len(self.ask("a", "strategy", "history", "soft_collection")) == 2, "a does not have both revisions")

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
