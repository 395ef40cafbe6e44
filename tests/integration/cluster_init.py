#!/usr/bin/env python3
"""`dunlin cluster init` writes a cluster that runs as it was written: three members of etcd and three nodes start from its
files, each on a loopback address of its own, and share the shards. Who has no certificate of its authority is not heard.
"""
import argparse
import pathlib
import shutil
import socket
import ssl
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

import main_job

NODES = {"a": "127.0.0.1", "b": "127.0.0.2", "c": "127.0.0.3"}
SHARDS = 256


class FoundedCluster(main_job.Demo):
    def __init__(self, build):
        self.at = "a"
        self.problems = []
        super().__init__(argparse.Namespace(build=build, data=str(pathlib.Path(build) / "integration/cluster_init")))
        self.founded = self.data / "bank"

    def expect(self, is_met, problem):
        if not is_met:
            self.problems.append(problem)

    def node_folder(self):
        return self.founded / f"node-{self.at}" / "data"

    def ask(self, node, *words, **options):
        self.at = node
        return self.dunlin(*words, **options)

    def call(self, *words):
        return subprocess.run([str(self.bin / "dunlin"), *map(str, words)], capture_output=True, text=True, cwd=self.data)

    def found(self):
        seats = [word for name, address in NODES.items() for word in ("--node", f"{name}={address}")]
        made = self.call("cluster", "init", "bank", *seats, "--name", "bank", "--in-place")
        self.expect(made.returncode == 0, f"cluster init ended with {made.returncode}: {made.stderr}")
        self.expect((self.founded / "README.txt").read_text() in made.stdout, "what README.txt says was not printed")
        again = self.call("cluster", "init", "bank", *seats)
        self.expect(again.returncode == 4 and "is not empty" in again.stderr, f"a second time: {again.returncode} {again.stderr}")

    def check_files(self):
        """Whatever the user's umask: nobody else reads keys, and nobody else enters."""
        for path in self.founded.rglob("*"):
            mode = stat.S_IMODE(path.stat().st_mode)
            is_secret = path.suffix in (".key", ".secret") or path.name == "key.txt"
            self.expect(mode & 0o077 == 0 or not (path.is_dir() or is_secret), f"{path} has mode {mode:o}")
        for node in NODES:
            checked = self.call("config", "check", self.founded / f"node-{node}/dunlin.toml")
            self.expect(checked.returncode == 0, f"config check of {node}: {checked.stderr}")

    def etcdctl(self, *tls):
        urls = ",".join(f"https://{address}:2379" for address in NODES.values())
        return subprocess.run(["etcdctl", "--endpoints", urls, "--command-timeout", "3s", *map(str, tls), "endpoint", "health"],
                              capture_output=True, text=True, env={"ETCDCTL_API": "3", "PATH": "/usr/bin:/bin:/usr/local/bin"})

    def handshake(self, authority, certified=None):
        """What TLS says of who shows this certificate: etcdctl hides it behind its own timeout. In 1.2 the handshake itself tells."""
        context = ssl.create_default_context(cafile=authority)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        if certified:
            context.load_cert_chain(certified.with_suffix(".pem"), certified.with_suffix(".key"))
        with socket.create_connection(("127.0.0.1", 2379), 20) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                    return "heard"
            except ssl.SSLError as refusal:
                return refusal.reason

    def expect_refused(self, who, authority, certified=None):
        said = self.handshake(authority, certified)
        self.expect("ALERT" in said and ("CERTIFICATE" in said or "UNKNOWN_CA" in said), f"etcd on {who}: {said}, no refusal of the certificate")

    def start_members(self):
        for name in NODES:
            self.start(f"etcd-{name}", "etcd", "--config-file", self.founded / f"etcd-{name}/etcd.yaml")
        own = self.founded / "etcd-a"
        tls = ["--cacert", own / "ca.pem", "--cert", own / "member.pem", "--key", own / "member.key"]
        self.wait_for("etcd", lambda: self.etcdctl(*tls).returncode == 0)
        heard = self.handshake(own / "ca.pem", own / "member")
        self.expect(heard == "heard", f"etcd on its own member's certificate: {heard}")
        self.expect_refused("who shows no certificate", own / "ca.pem")

    def refuse_strangers(self):
        """The authority of another cluster vouches for nobody here, neither as a caller nor as a member."""
        self.expect(self.call("cluster", "init", "other", "--node", "a=127.0.0.1").returncode == 0, "no second authority")
        own, other = self.founded / "etcd-a", self.data / "other/etcd-a"
        self.expect_refused("who shows another cluster's certificate", own / "ca.pem", other / "member")
        for port in (2379, 2380):
            shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.2:{port}", "-CAfile", other / "ca.pem", "-verify_return_error"],
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
            self.expect("verify error" in shown.stdout + shown.stderr, f"another authority knows the certificate at port {port}")

    def certify_another(self):
        """Of the kept authority, for a machine that comes later: the running members hear it."""
        made = self.call("cluster", "certify", "bank/authority", "d=127.0.0.4", "--to", "new-d")
        self.expect(made.returncode == 0, f"cluster certify ended with {made.returncode}: {made.stderr}")
        new = self.data / "new-d"
        tls = ["--cacert", new / "ca.pem", "--cert", new / "d.pem", "--key", new / "d.key"]
        self.wait_for("etcd's answer to the new certificate", lambda: self.etcdctl(*tls).returncode == 0)

    def start_nodes(self):
        """All at once: the installation key was there before any of them."""
        for name in NODES:
            folder = self.founded / f"node-{name}"
            (folder / "data").mkdir(mode=0o700)
            installed = self.call("--data", folder / "data", "key", "install", folder / "key.txt")
            self.expect(installed.returncode == 0, f"key install for {name}: {installed.stderr}")
            self.start(f"node-{name}", self.bin / "dunlind", "--config", folder / "dunlin.toml")
        for name in NODES:
            self.wait_for(f"node {name}", lambda: self.ask(name, "health", check=False) != "", 120)

    def shares_shards(self):
        views = [self.ask(node, "cluster", "status", check=False) for node in NODES]
        return (all(views) and all(view["shards_without_owner"] == 0 and len(view["nodes"]) == len(NODES) for view in views)
                and sum(view["shards_served"] for view in views) == SHARDS and min(view["shards_served"] for view in views) > 0
                and all(row["link"] in ("up", "this node") for view in views for row in view["nodes"]))

    def run(self):
        self.make_folder()
        self.found()
        self.check_files()
        self.start_members()
        self.refuse_strangers()
        self.certify_another()
        self.start_nodes()
        self.wait_for("the nodes to share the shards", self.shares_shards, 90)
        self.say(", ".join(f"{node} serves {self.ask(node, 'cluster', 'status')['shards_served']}" for node in NODES))
        keys = {self.ask(node, "health")["key"] for node in NODES}
        self.expect(len(keys) == 1, f"the nodes have several installation keys: {keys}")
        for problem in self.problems:
            print("WRONG:", problem)
        return 1 if self.problems else 0


if __name__ == "__main__":
    if not shutil.which("etcd"):
        sys.exit(77)
    main_job.run_and_stop(FoundedCluster(sys.argv[1]))
