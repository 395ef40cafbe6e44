"""Faults under dialing: three nodes as one cluster, etcd of three members behind relays, the demo carrier, robot agents at
every node, and a nemesis that strikes by a seed. In the end the carrier's own log is held against what the nodes tell
together, as in every run of the main job.
"""
import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import time

import cluster_job
import cluster_rig
import fault_rows
import judge
import main_job
import tcp_relay

RELAY_PORT = 12600
DEFAULT_ROWS = "F1,F2,F5,F6,F8,F10,F13"


def parse_arguments():
    lines = "\n".join(f"  {row.name:<4} {row.title}" for row in fault_rows.ROWS.values())
    parser = argparse.ArgumentParser(prog="./dev faults", formatter_class=argparse.RawDescriptionHelpFormatter, epilog="rows:\n" + lines,
                                     description="Break a dialing cluster and judge what the carrier saw against the history.")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("faults", nargs="*", default=[DEFAULT_ROWS], help=f"rows of the fault matrix, F1,F6 (default {DEFAULT_ROWS})")
    parser.add_argument("--rounds", type=int, default=1, help="how often each row strikes (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the nemesis' dice: whom and when (default 1)")
    parser.add_argument("--agents", type=int, default=12, help="robot agents, shared out over the nodes (default 12)")
    parser.add_argument("--portfolio-rows", dest="rows", type=int, default=3000, help="rows of the portfolio (default 3000)")
    parser.add_argument("--data", default=str(main_job.ROOT / "fault-data"), help="folder for the cluster's data (made anew)")
    parser.add_argument("--scenario", default=str(main_job.ROOT / "demo/carrier.toml"), help="what the public network does")
    arguments = parser.parse_args()
    arguments.faults = [row for word in arguments.faults for row in word.split(",")]
    unknown = [row for row in arguments.faults if row not in fault_rows.ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; known are {', '.join(fault_rows.ROWS)}")
    return arguments


class FaultJob(cluster_job.ClusterJob):
    def __init__(self, arguments):
        arguments.count, arguments.kill, arguments.wipe, arguments.keep, arguments.minutes = 3, None, False, False, 0
        super().__init__(arguments)
        self.accounts = {}
        self.problems = []
        self.relays = {}

    # The cluster, with a relay before every member of etcd for every node.

    def relay_port(self, node, member):
        return RELAY_PORT + 10 * self.nodes.index(node) + member

    def etcd_urls_of(self, node):
        return [f"https://127.0.0.1:{self.relay_port(node, member)}" for member in range(self.etcd_members)]

    def write_node_config(self, node):
        for member in range(self.etcd_members):
            port = self.relay_port(node, member)
            seed = self.arguments.seed * 1000 + port
            self.relays[node, member] = tcp_relay.TcpRelay(port, cluster_rig.ETCD_CLIENT_PORT + member, seed)
        super().write_node_config(node)

    def relays_of(self, *nodes):
        return [relay for (node, _), relay in self.relays.items() if node in nodes]

    def broken_answers(self):
        return sum(relay.broken for relay in self.relays.values())

    def stop(self):
        for _, process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)  # A stopped process cannot end in order.
        super().stop()
        for relay in self.relays.values():
            relay.stop()

    # What a row may do.

    def another(self, node):
        return next(name for name in self.nodes if name != node and name in self.live)

    def expect(self, is_met, problem):
        if not is_met:
            self.say(f"PROBLEM: {problem}")
            self.problems.append(problem)

    def process(self, name):
        return dict(self.processes)[name]

    def end(self, name, number):
        """By this signal; from here on the process is meant to be dead."""
        process = self.process(name)
        self.forget(name)
        process.send_signal(number)
        process.wait(timeout=120)

    def end_node(self, node, number):
        """With its agents. SIGTERM: in order, shards are given back at once."""
        self.live.discard(node)
        self.end(f"robots-{node}", signal.SIGKILL)
        self.end(f"node-{node}", number)

    def bring_back(self, node):
        """The node, when it has its share again, and its agents."""
        self.start_cluster_node(node)
        self.live.add(node)
        self.await_settled()
        self.bring_agents(node)

    def bring_agents(self, node):
        self.at = node
        (self.data / "accounts.json").write_text(self.accounts[node])
        self.start_robots(f"robots-{node}")

    def man(self, node):
        super().man(node)
        self.accounts[node] = (self.data / "accounts.json").read_text()

    def start_doomed(self, node, point, nth):
        """The node under strace, which ends it at the `nth` call of one kind."""
        strace = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "signal=none", "-e", f"trace={point}", "-e", "status=none",
                  "-e", f"inject={point}:signal=SIGKILL:when={nth}", "-o", "/dev/null"]
        process = self.launch_node(node, *strace)
        self.forget(f"node-{node}")
        return process

    @staticmethod
    def watch_death(process, seconds):
        """A doomed node that has no cause to make its last call is killed."""
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
            process.wait()

    def etcd_leader(self):
        for member in json.loads(self.etcdctl("endpoint", "status", "-w", "json").stdout):
            if member["Status"]["leader"] == member["Status"]["header"]["member_id"]:
                return self.etcd_urls().index(member["Endpoint"])
        raise SystemExit("faults: etcd has no leader to break")

    def kill_etcd(self, member):
        self.end(f"etcd-{member}", signal.SIGKILL)

    def start_stranger(self):
        """What a node with another secret says at its end."""
        other = self.data / "other.secret"
        other.write_text(os.urandom(32).hex())
        other.chmod(0o400)
        folder = self.data / "node-stranger"
        text = (self.data / f"{self.nodes[0]}.toml").read_text()
        text = text.replace(str(self.data / "cluster.secret"), str(other)).replace(str(self.folder(self.nodes[0])), str(folder))
        text = text.replace(f'name = "{self.nodes[0]}"', 'name = "stranger"').replace(str(cluster_rig.LINK_PORT), str(cluster_rig.LINK_PORT + 900))
        text = text.replace(f":{main_job.PORTS['agents']}", f":{main_job.PORTS['agents'] + 900}").replace(f":{main_job.PORTS['trunk']}", f":{main_job.PORTS['trunk'] + 900}")
        (self.data / "stranger.toml").write_text(text)
        folder.mkdir(mode=0o700)
        (folder / "installation.key").write_bytes((self.data / "installation.key").read_bytes())
        (folder / "installation.key").chmod(0o400)
        try:
            done = subprocess.run([self.bin / "dunlind", "--config", self.data / "stranger.toml", "--clock-start", self.clock_start()],
                                  capture_output=True, text=True, timeout=60)
            return done.stdout + done.stderr
        except subprocess.TimeoutExpired as stuck:
            return f"it ran on for a minute: {(stuck.stdout or b'')[-300:]}"

    # What a row may wait for.

    def calls(self):
        return judge.calls_of(judge.read_log(self.carrier_log()))

    def await_takeover(self, victim, began):
        others = [node for node in self.nodes if node != victim]
        self.at = others[0]
        self.wait_for("the takeover", lambda: sum(self.status(node)["shards_served"] for node in others) == cluster_rig.SHARDS, 90)
        return time.monotonic() - began

    def await_settled(self):
        self.wait_for("the nodes to share the shards", lambda: self.is_settled(self.nodes), 180)

    def await_new_calls(self, count, shards=None):
        """Calls begun from now on; with `shards`, to cases of those shards."""
        known = set(self.calls())

        def has_come():
            new = [call for call in self.calls() if call not in known]
            if shards is not None:
                reached = {row["attempt"]: int(row["case"].split("_")[1], 16) % cluster_rig.SHARDS for row in self.attempts()}
                new = [call for call in new if reached.get(judge.leg_of(call)[0]) in shards]
            return len(new) >= count

        self.wait_for(f"{count} new calls", has_come, 180)

    def expect_quiet(self, seconds, why):
        known = set(self.calls())
        time.sleep(seconds)
        new = set(self.calls()) - known
        self.expect(not new, f"{len(new)} calls were begun though {why}")

    def expect_no_calls_by(self, node, seconds, why):
        """The carrier tells the port an INVITE came from: each node's trunk has its own."""
        port = main_job.PORTS["trunk"] + self.offset(node)
        count = lambda: sum(1 for event in judge.read_log(self.carrier_log()) if event.get("event") == "invite"
                            and not event["is_reinvite"] and not event["is_retransmission"] and event.get("source", "").endswith(f":{port}"))
        before = count()
        time.sleep(seconds)
        self.expect(count() == before, f"{node} began {count() - before} calls though {why}")

    # The run.

    def strike(self, row, dice, times):
        for number in range(self.arguments.rounds):
            self.say(f"{row.name} {row.title} ({number + 1} of {self.arguments.rounds})")
            seconds = row().strike(self, dice)
            if seconds is not None:
                times.setdefault(row.name, []).append(seconds)
                self.say(f"{row.name}: the work went on after {seconds:.1f} s")

    def print_table(self, times):
        print(f"{'row':<5} {'fault':<34} {'rounds':>6} {'p50 s':>7} {'p95 s':>7} {'most s':>7}")
        for name in self.arguments.faults:
            spans = sorted(times.get(name, []))
            figures = f"{statistics.median(spans):>7.1f} {spans[int(0.95 * (len(spans) - 1))]:>7.1f} {spans[-1]:>7.1f}" if spans else ""
            print(f"{name:<5} {fault_rows.ROWS[name].title:<34} {self.arguments.rounds:>6} {figures}")

    def run(self):
        self.say(f"carrier, etcd of {self.etcd_members} behind relays, nodes {', '.join(self.nodes)}; seed {self.arguments.seed}")
        self.start_cluster()
        self.import_portfolio()
        self.wait_for("the copies", lambda: self.is_settled(self.nodes), 120)
        for node in self.nodes:
            self.man(node)
        self.start_campaign()
        self.await_new_calls(5)
        dice, times = random.Random(self.arguments.seed), {}
        for name in self.arguments.faults:
            self.strike(fault_rows.ROWS[name], dice, times)
        self.drain()
        problems = self.problems + self.judge_all()
        self.print_table(times)
        print(f"seed {self.arguments.seed}: {len(problems)} violations")
        return 1 if problems else 0


def main():
    main_job.run_and_stop(FaultJob(parse_arguments()))
