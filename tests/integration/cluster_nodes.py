#!/usr/bin/env python3
"""Two nodes, one etcd: a portfolio imported on one is worked by both; one is killed and the other takes its cases over.

The judge holds the carrier's own log against the survivor's history, as for a single node. Afterwards the killed node
comes back and reads the same history.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import main_job

ETCD = {"client": 12379, "peer": 12380}
OFFSET = {"a": 0, "b": 100}
SHARDS = 256


class ClusterNodes(rig.Rig):
    """`self.at` names the node that commands go to."""

    def __init__(self, arguments, name):
        super().__init__(arguments, name)
        self.at = "a"

    def folder(self, node):
        return self.data / f"node-{node}"

    def dunlin(self, *words, check=True, as_json=True):
        command = [str(self.bin / "dunlin"), "--socket", str(self.folder(self.at) / "dunlin.sock")]
        command += (["-o", "json"] if as_json else []) + list(words)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if check and done.returncode not in (0, 7):
            raise SystemExit(f"`dunlin {' '.join(words)}` at {self.at} failed ({done.returncode}): {done.stderr.strip()}")
        if not as_json:
            return done.stdout
        return main_job.json.loads(done.stdout) if done.stdout.strip() else {}

    def ask(self, node, *words):
        before, self.at = self.at, node
        try:
            return self.dunlin(*words)
        finally:
            self.at = before

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=self.data)

    def make_credentials(self):
        """An authority of the cluster's own, and a certificate that serves both directions."""
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 3650,
                     "-subj", "/CN=test cluster", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=node", "-keyout", "node.key", "-out", "node.csr")
        (self.data / "usage").write_text("extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", 3650,
                     "-extfile", "usage", "-out", "node.pem")
        secret = self.data / "cluster.secret"
        secret.write_text(os.urandom(32).hex())
        for file in (secret, self.data / "node.key"):
            file.chmod(0o400)

    def start_etcd(self):
        url = f"http://127.0.0.1:{ETCD['client']}"
        peer = f"http://127.0.0.1:{ETCD['peer']}"
        self.start("etcd", "etcd", "--data-dir", self.data / "etcd", "--listen-client-urls", url, "--advertise-client-urls", url,
                   "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}", "--log-level", "error")
        health = ["etcdctl", "--endpoints", url, "endpoint", "health"]
        self.wait_for("etcd", lambda: subprocess.run(health, capture_output=True).returncode == 0)

    def write_node_config(self, node):
        offset = OFFSET[node]
        (self.data / f"{node}.toml").write_text(f"""[node]
name = "{node}"
data_folder = "{self.folder(node)}"
min_free_mb = 64
[agents]
tls_bind = "127.0.0.1:{rig.PORTS['agents'] + offset}"
[media]
port_min = {20000 + 30 * offset}
port_max = {22000 + 30 * offset}
[cluster]
name = "test"
etcd = ["http://127.0.0.1:{ETCD['client']}"]
ca_file = "{self.data / 'ca.pem'}"
certificate_file = "{self.data / 'node.pem'}"
key_file = "{self.data / 'node.key'}"
secret_file = "{self.data / 'cluster.secret'}"
link_bind = "127.0.0.1:{17400 + offset}"
host = "host-{node}"
[[trunk]]
name = "carrier"
address = "127.0.0.1:{rig.PORTS['carrier']}"
local_bind = "127.0.0.1:{rig.PORTS['trunk'] + offset}"
register_user = "dunlin"
password_file = "{self.data / 'trunk.secret'}"
caller_ids = ["+74950000001"]
channels = 40
calls_per_second = 10.0
""")

    def start_cluster_node(self, node):
        self.forget(f"node-{node}")
        process = self.start(f"node-{node}", self.bin / "dunlind", "--config", self.data / f"{node}.toml", "--clock-start", self.clock_start())
        self.wait_for(f"node {node}", lambda: self.is_up(node), 120)
        return process

    def is_up(self, node):
        before, self.at = self.at, node
        up = self.dunlin("health", check=False) != {}
        self.at = before
        return up

    def status(self, node):
        return self.ask(node, "cluster", "status")

    def shards_of(self, node, seen_by):
        return {row["shard"] for row in self.ask(seen_by, "shard", "list") if row["owner"] == node}

    def is_settled(self):
        """Both nodes own a part, serve all of it, see each other and have followed each other to the end."""
        views = [self.status(node) for node in "ab"]
        return (all(view["shards_without_owner"] == 0 and view["batches_behind"] == 0 for view in views)
                and sum(view["shards_served"] for view in views) == SHARDS
                and min(view["shards_served"] for view in views) > SHARDS // 5
                and all(row["link"] in ("up", "this node") for view in views for row in view["nodes"]))

    def start_robots_at(self, node):
        self.start("robots", self.bin / "dunlin-robot", "--count", self.arguments.agents, "--registrar", f"127.0.0.1:{rig.PORTS['agents'] + OFFSET[node]}",
                   "--transport", "tls", "--ca", self.folder(node) / "tls/cafile.pem", "--accounts", self.data / "accounts.json",
                   "--control", self.folder(node) / "dunlin.sock", "--codec", self.robot_codec, "--srtp", self.robot_srtp,
                   "--wrap", self.robot_wrap, "--talk", self.robot_talk, "--log", self.data / "robots.jsonl")
        self.wait_for("the agents", lambda: self.ready_agents() == self.arguments.agents, self.robots_limit_s)

    def set_up(self):
        self.make_folder()
        self.make_credentials()
        secret = self.data / "trunk.secret"
        secret.touch(mode=0o600)
        secret.write_text("carrier secret\n")
        secret.chmod(0o400)
        self.start_carrier()
        self.start_etcd()
        for node in "ab":
            self.write_node_config(node)
        first = self.start_cluster_node("a")
        # One key for all nodes: what one sealed the other must open.
        self.folder("b").mkdir(mode=0o700)
        key = (self.folder("a") / "installation.key").read_bytes()
        (self.folder("b") / "installation.key").write_bytes(key)
        (self.folder("b") / "installation.key").chmod(0o400)
        second = self.start_cluster_node("b")
        return first, second

    def run(self):
        first, _ = self.set_up()
        self.wait_for("both nodes to share the shards", self.is_settled, 60)
        self.import_portfolio()
        imported = self.dunlin("import", "list")[0]
        self.expect(imported["rejected"] < 100, f"{imported['rejected']} rows came back: not only the dirty ones")
        self.wait_for("the copies", self.is_settled, 60)
        counts = [self.ask(node, "health")["cases"] for node in "ab"]
        self.expect(counts[0] == counts[1] > 800, f"cases at a and b: {counts}")
        self.at = "b"
        self.add_agents()
        self.start_robots_at("b")
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.dunlin("campaign", "start", "demo")
        self.wait_for_calls(6)
        theirs = self.shards_of("a", seen_by="b")
        self.expect(len(theirs) > SHARDS // 5, f"node a owned only {len(theirs)} shards")
        self.say(f"killing a, which owns {len(theirs)} shards")
        killed_at = time.monotonic()
        first.send_signal(signal.SIGKILL)
        first.wait()
        self.forget("node-a")
        self.wait_for("the takeover", lambda: self.status("b")["shards_served"] == SHARDS, 60)
        self.say(f"b serves all shards {time.monotonic() - killed_at:.1f} s after the kill")

        def worked():
            return {int(row["case"].split("_")[1], 16) % SHARDS for row in self.dunlin("attempt", "list")}
        self.wait_for("calls to cases that were a's", lambda: len(worked() & theirs) >= 3, 120)
        self.drain()
        attempts, calls = self.judge_history()
        self.expect(len(calls) >= 10, f"only {len(calls)} calls: nothing was proven")
        self.start_cluster_node("a")
        self.wait_for("a to catch up", self.is_settled, 90)
        self.expect(self.ask("a", "attempt", "list") == attempts, "the node that came back tells another history")
        return self.verdict()


if __name__ == "__main__":
    main_job.run_and_stop(ClusterNodes(rig.parse(__doc__), "cluster_nodes"))
