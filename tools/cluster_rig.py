"""Several nodes as one cluster on this machine: etcd's members, an authority of the cluster's own, node configs on ports of
their own, and what to ask the nodes. Mixed into a main job (tools/main_job.py), whose data folder and processes it uses.
"""
import os
import subprocess

import main_job

PORTS = main_job.PORTS
ETCD_CLIENT_PORT, ETCD_PEER_PORT, LINK_PORT = 12379, 12479, 17400
SHARDS = 256


class ClusterRig:
    """`self.at` names the node that commands go to, `self.nodes` lists all."""
    nodes = ("a", "b")
    at = "a"
    etcd_members = 1
    trunk_login = ""

    def folder(self, node):
        return self.data / f"node-{node}"

    def offset(self, node):
        return 100 * self.nodes.index(node)

    def node_folder(self):
        return self.folder(self.at)

    def agents_port(self):
        return PORTS["agents"] + self.offset(self.at)

    def ask(self, node, *words, **options):
        before, self.at = self.at, node
        try:
            return self.dunlin(*words, **options)
        finally:
            self.at = before

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=self.data)

    def make_credentials(self):
        """The authority is the cluster's alone: whoever it certifies is a node. The certificate serves both directions."""
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.openssl("req", "-x509", *curve, "-days", 3650, "-subj", "/CN=cluster authority", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl("req", *curve, "-subj", "/CN=node", "-keyout", "node.key", "-out", "node.csr")
        (self.data / "usage").write_text("extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", 3650,
                     "-extfile", "usage", "-out", "node.pem")
        secret = self.data / "cluster.secret"
        secret.write_text(os.urandom(32).hex())
        for file in (secret, self.data / "node.key", self.data / "ca.key"):
            file.chmod(0o400)

    def etcd_urls(self):
        return [f"https://127.0.0.1:{ETCD_CLIENT_PORT + i}" for i in range(self.etcd_members)]

    def etcd_urls_of(self, node):
        """Where this node finds etcd; a test of faults puts something between."""
        return self.etcd_urls()

    def start_etcd_member(self, member):
        """With an empty folder, or with what it left behind."""
        peers = [f"http://127.0.0.1:{ETCD_PEER_PORT + i}" for i in range(self.etcd_members)]
        members = ",".join(f"m{i}={peer}" for i, peer in enumerate(peers))
        tls = ["--cert-file", self.data / "node.pem", "--key-file", self.data / "node.key", "--client-cert-auth", "--trusted-ca-file", self.data / "ca.pem"]
        url = self.etcd_urls()[member]
        self.start(f"etcd-{member}", "etcd", "--name", f"m{member}", "--data-dir", self.data / f"etcd-{member}", *tls,
                   "--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peers[member],
                   "--initial-advertise-peer-urls", peers[member], "--initial-cluster", members, "--log-level", "error")

    def start_etcd(self):
        for member in range(self.etcd_members):
            self.start_etcd_member(member)
        self.wait_for("etcd", lambda: self.etcdctl("endpoint", "health").returncode == 0)

    def etcdctl(self, *words):
        tls = ["--cacert", self.data / "ca.pem", "--cert", self.data / "node.pem", "--key", self.data / "node.key"]
        command = ["etcdctl", "--endpoints", ",".join(self.etcd_urls()), *tls, *words]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True)

    def write_node_config(self, node):
        offset = self.offset(node)
        members = ", ".join(f'"{url}"' for url in self.etcd_urls_of(node))
        (self.data / f"{node}.toml").write_text(f"""[node]
name = "{node}"
data_folder = "{self.folder(node)}"
min_free_mb = 64
[agents]
tls_bind = "127.0.0.1:{PORTS['agents'] + offset}"
[media]
port_min = {20000 + 30 * offset}
port_max = {22998 + 30 * offset}
[cluster]
name = "local"
etcd = [{members}]
ca_file = "{self.data / 'ca.pem'}"
certificate_file = "{self.data / 'node.pem'}"
key_file = "{self.data / 'node.key'}"
secret_file = "{self.data / 'cluster.secret'}"
link_bind = "127.0.0.1:{LINK_PORT + offset}"
host = "host-{node}"
[[trunk]]
name = "carrier"
address = "127.0.0.1:{PORTS['carrier']}"
local_bind = "127.0.0.1:{PORTS['trunk'] + offset}"
{self.trunk_login}caller_ids = ["+74950000001"]
channels = 40
calls_per_second = 10.0
""")

    def launch_node(self, node, *under):
        """The node's process, not yet ready; `under`: a command that runs it."""
        self.forget(f"node-{node}")
        return self.start(f"node-{node}", *under, self.bin / "dunlind", "--config", self.data / f"{node}.toml", "--clock-start", self.clock_start())

    def start_cluster_node(self, node):
        process = self.launch_node(node)
        self.wait_for(f"node {node}", lambda: self.ask(node, "health", check=False) != "", 120)
        return process

    def give_key(self, node):
        """One installation key for all nodes: what one sealed the others must open."""
        self.folder(node).mkdir(mode=0o700)
        key = self.folder(node) / "installation.key"
        key.write_bytes((self.data / "installation.key").read_bytes())
        key.chmod(0o400)

    def start_cluster(self):
        """From an empty folder to nodes that share the shards. Returns their processes by name."""
        self.make_folder()
        self.make_credentials()
        self.start_carrier()
        self.start_etcd()
        processes = {}
        for node in self.nodes:
            self.write_node_config(node)
            if processes:
                self.give_key(node)
            processes[node] = self.start_cluster_node(node)
            if len(processes) == 1:
                key = self.data / "installation.key"
                key.write_bytes((self.folder(node) / "installation.key").read_bytes())
                key.chmod(0o400)
        self.wait_for("the nodes to share the shards", lambda: self.is_settled(self.nodes), 60)
        return processes

    def status(self, node):
        return self.ask(node, "cluster", "status")

    def shards_of(self, node, seen_by):
        return {row["shard"] for row in self.ask(seen_by, "shard", "list") if row["owner"] == node}

    def is_settled(self, nodes):
        """These nodes serve all shards, each a part, see each other, and have followed each other to the end."""
        views = [self.status(node) for node in nodes]
        return (all(view["shards_without_owner"] == 0 and view["batches_behind"] == 0 for view in views)
                and sum(view["shards_served"] for view in views) == SHARDS
                and min(view["shards_served"] for view in views) > SHARDS // (3 * len(nodes))
                and all(len(view["nodes"]) == len(nodes) for view in views)
                and all(row["link"] in ("up", "this node") for view in views for row in view["nodes"]))
