#!/usr/bin/env python3
"""A single node that has imported and dialed becomes the first of a cluster (`dunlin cluster adopt`): every refusal, a stop in
the middle, then a second node that is seeded, copies that are equal byte for byte, and dialing that goes on."""
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import cluster_rig
import main_job

SHARDS = cluster_rig.SHARDS


class ClusterAdopt(cluster_rig.ClusterRig, rig.Rig):
    def make_folder(self):
        super().make_folder()
        secret = self.data / "trunk.secret"
        secret.touch(mode=0o600)
        secret.write_text("carrier secret\n")
        secret.chmod(0o400)
        self.trunk_login = f'register_user = "dunlin"\npassword_file = "{secret}"\n'

    def run(self):
        self.make_folder()
        self.make_credentials()
        self.start_carrier()
        self.start_etcd()
        for node in self.nodes:
            self.write_node_config(node)
        before = self.work_alone()
        self.refuse()
        self.go_on_from_the_middle()
        self.begin_cluster(before)
        self.refuse_twice()
        return self.verdict()

    def write_variant(self, name, change):
        text = change((self.data / "a.toml").read_text())
        (self.data / name).write_text(text)
        return name

    def adopt(self, config="a.toml", *more):
        command = [self.bin / "dunlin", "cluster", "adopt", "--config", self.data / config, *more]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)

    def expect_refusal(self, done, exit_code, words):
        self.expect(done.returncode == exit_code and words in done.stderr, f"wanted {exit_code} and \"{words}\", got {done.returncode}: {done.stdout}{done.stderr}")

    def refused_start(self, config, words):
        command = [self.bin / "dunlind", "--config", self.data / config, "--clock-start", self.clock_start()]
        started = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
        self.expect(started.returncode != 0 and words in started.stderr + started.stdout, f"dunlind --config {config}: {started.returncode} {started.stderr[-500:]}")

    def in_etcd(self):
        return self.etcdctl("get", "--prefix", "--keys-only", "/dunlin/").stdout.split()

    def work_alone(self):
        """Cases, an agent's day and talks, on a node that has heard of no cluster. Returns what it tells of them."""
        def alone(text):
            start, end = text.index("[cluster]"), text.index("[[trunk]]")
            return (text[:start] + text[end:]).replace('name = "a"', 'name = "single"')
        config = self.write_variant("single.toml", alone)
        self.at = "a"
        node = self.start("single", self.bin / "dunlind", "--config", self.data / config, "--clock-start", self.clock_start())
        self.wait_for("the single node", lambda: self.dunlin("health", check=False) != "", 120)
        self.import_portfolio()
        self.add_agents()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.start_robots()
        self.dunlin("campaign", "start", "demo")
        self.wait_for_calls(6)
        self.drain()
        self.store = self.dunlin("node", "show")["store"]
        before = {"cases": self.dunlin("health")["cases"], "attempts": self.dunlin("attempt", "list")}
        before["case"] = before["attempts"][0]["case"]
        before["timeline"] = self.dunlin("case", "show", before["case"])
        self.expect_refusal(self.adopt(), 4, "is running: stop it first")
        self.let_go("robots").terminate()
        self.forget("single")
        node.send_signal(signal.SIGTERM)
        node.wait(timeout=60)
        self.say(f"alone: {before['cases']} cases, {len(before['attempts'])} attempts")
        return before

    def refuse(self):
        self.refused_start("a.toml", "dunlin cluster adopt")
        self.expect_refusal(self.adopt("single.toml"), 2, "has no [cluster]")
        self.expect_refusal(self.adopt("missing.toml"), 2, "missing.toml")
        self.expect_refusal(self.adopt("a.toml", "--hurry"), 2, "--hurry")
        self.expect_refusal(self.adopt("b.toml"), 3, "no history in")
        self.write_variant("other.toml", lambda text: text.replace('name = "local"', 'name = "other"'))
        self.etcdctl("put", "/dunlin/other/head/0", "1 1 0 0")
        self.expect_refusal(self.adopt("other.toml"), 4, "holds a history or documents already")
        self.etcdctl("del", "--prefix", "/dunlin/other/")
        etcd = next(process for name, process in self.processes if name == "etcd-0")
        etcd.send_signal(signal.SIGSTOP)
        away = self.adopt()
        etcd.send_signal(signal.SIGCONT)
        self.expect_refusal(away, 1, "run the same command again")
        self.wait_for("etcd", lambda: self.etcdctl("endpoint", "health").returncode == 0)
        dry = self.adopt("a.toml", "--dry-run")
        self.expect(dry.returncode == 0 and "Nothing was written" in dry.stdout, f"--dry-run: {dry.returncode} {dry.stdout}{dry.stderr}")
        self.expect(self.in_etcd() == [], f"a dry run wrote to etcd: {self.in_etcd()[:5]}")

    def go_on_from_the_middle(self):
        """As a stop leaves it: the mark alone; then everything on the disk but not in etcd."""
        self.etcdctl("put", "/dunlin/local/adoption", "1 begun 00000000000000000000000000000000")
        self.expect_refusal(self.adopt(), 4, "another data folder")
        self.etcdctl("put", "/dunlin/local/adoption", f"1 begun {self.store}")
        key = self.data / "installation.key"
        key.write_bytes((self.folder("a") / "installation.key").read_bytes())
        key.chmod(0o400)
        self.give_key("b")
        self.refused_start("b.toml", "that is half done")
        for again in (False, True):
            adopted = self.adopt()
            self.expect(adopted.returncode == 0 and "it goes on" in adopted.stdout and "key export" in adopted.stdout, f"adopt: {adopted.returncode} {adopted.stdout}{adopted.stderr}")
            if not again:
                self.etcdctl("put", "/dunlin/local/adoption", f"1 begun {self.store}")
                for shard in range(0, SHARDS, 7):
                    self.etcdctl("del", f"/dunlin/local/head/{shard}")
        heads = [key for key in self.in_etcd() if "/head/" in key]
        self.expect(len(heads) > SHARDS // 2, f"only {len(heads)} heads after the adoption")
        self.expect_refusal(self.adopt(), 4, "already: start the node")
        self.refused_start("single.toml", "of node 'a' of cluster 'local'")

    def is_copied(self):
        views = [self.status(node) for node in self.nodes]
        return self.is_settled(self.nodes) and all(view["shards_short_of_copies"] == 0 and view["shards_to_seed"] == 0 and view["shards_copying"] == 0 for view in views)

    def begin_cluster(self, before):
        self.at = "a"
        self.start_cluster_node("a")
        self.wait_for("a to serve all shards", lambda: self.status("a")["shards_served"] == SHARDS, 60)
        self.expect(self.dunlin("health")["cases"] == before["cases"], "cases are missing after the adoption")
        self.expect(self.dunlin("attempt", "list") == before["attempts"], "old attempts read otherwise")
        self.expect([row["campaign"] for row in self.dunlin("campaign", "list")] == ["demo"], "the campaign is not the cluster's")
        self.start_cluster_node("b")
        self.wait_for("the copies on b", self.is_copied, 240)
        self.say(f"b was seeded with {self.status('b')['shards_seeded']} shards")
        self.expect(self.ask("b", "attempt", "list") == before["attempts"], "old attempts read otherwise on b")
        self.expect(self.ask("b", "case", "show", before["case"]) == before["timeline"], "an old case reads otherwise on b")
        self.expect(len(self.ask("b", "agent", "list")) == self.arguments.agents, "the agents are not known on b")
        self.expect_equal_copies("before dialing")
        calls = len(self.calls())
        self.start_robots("robots-a")
        self.dunlin("campaign", "resume", "demo")
        self.wait_for_calls(calls + 6)
        self.drain()
        self.judge_history()
        self.wait_for("both nodes to tell the same history", lambda: self.ask("a", "attempt", "list") == self.ask("b", "attempt", "list"), 60)
        self.expect(len(self.dunlin("attempt", "list")) > len(before["attempts"]), "nothing was dialed by the cluster")
        self.expect_equal_copies("after dialing")

    def expect_equal_copies(self, when):
        report = self.ask("b", "history", "compare")
        copies = {len(shard["copies"]) for shard in report["shards"]}
        self.expect((report["compared"], report["equal"], copies) == (SHARDS, SHARDS, {2}), f"{when}: {report['equal']} equal, copies {copies}, {report['first_difference']}")
        self.say(f"{when}: {report['cases']} cases, {report['events']} events the same on both nodes")

    def refuse_twice(self):
        self.let_go("robots-a").terminate()
        node = self.let_go("node-a")
        node.send_signal(signal.SIGTERM)
        node.wait(timeout=60)
        self.expect_refusal(self.adopt(), 4, "is that of node 'a' of cluster 'local': start the node")
        self.expect_refusal(self.adopt("other.toml"), 5, "only a single node's folder is adopted")


if __name__ == "__main__":
    main_job.run_and_stop(ClusterAdopt(rig.parse(__doc__), "cluster_adopt"))
