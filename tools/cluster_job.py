"""A cluster on this machine, dialing: etcd of three members, N nodes, the demo carrier, robot agents at every node. One node may
be killed in the middle; in the end the carrier's log is held against the history the nodes tell together.
"""
import argparse
import shutil
import signal
import subprocess
import sys
import time

import cluster_rig
import judge
import main_job

ROOT = main_job.ROOT
NAMES = "abcde"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev cluster", description="Run a cluster of nodes on this machine and dial a portfolio with it.")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("count", type=int, nargs="?", default=3, choices=range(2, len(NAMES) + 1), help="nodes (default 3)")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long to dial (default 3)")
    parser.add_argument("--rows", type=int, default=5000, help="rows of the portfolio (default 5000)")
    parser.add_argument("--agents", type=int, default=30, help="robot agents, shared out over the nodes (default 30)")
    parser.add_argument("--kill", choices=list(NAMES), help="kill -9 this node in the middle; it comes back half a minute later")
    parser.add_argument("--wipe", action="store_true", help="with --kill: its data folder is deleted before it comes back")
    parser.add_argument("--keep", action="store_true", help="leave everything running for `dunlin shell`")
    parser.add_argument("--data", default=str(ROOT / "cluster-data"), help="folder for the cluster's data (made anew)")
    parser.add_argument("--scenario", default=str(ROOT / "demo/carrier.toml"), help="what the public network does")
    arguments = parser.parse_args()
    if arguments.kill and NAMES.index(arguments.kill) >= arguments.count:
        parser.error(f"--kill: the nodes are {', '.join(NAMES[:arguments.count])}")
    if arguments.wipe and not arguments.kill:
        parser.error("--wipe needs --kill")
    if arguments.agents < arguments.count:
        parser.error("--agents: every node needs one")
    return arguments


class ClusterJob(cluster_rig.ClusterRig, main_job.Demo):
    etcd_members = 3

    def __init__(self, arguments):
        super().__init__(arguments)
        self.nodes = tuple(NAMES[:arguments.count])
        arguments.portfolio = str(self.data / "portfolio.csv")
        arguments.agents //= arguments.count
        self.live = set(self.nodes)

    def make_folder(self):
        super().make_folder()
        subprocess.run([sys.executable, ROOT / "tools/make_portfolio.py", "--rows", str(self.arguments.rows), "--format", "csv",
                        "-o", self.arguments.portfolio], check=True, stdout=subprocess.DEVNULL)

    def man(self, node):
        """The robots of one node. Its agents, as the campaign, are made on the first: the cluster shares them."""
        self.at = self.nodes[0]
        self.add_agents(first=1 + self.nodes.index(node) * self.arguments.agents)
        made = len(self.ask(self.at, "agent", "list"))
        self.at = node
        self.wait_for("the agents' accounts", lambda: len(self.ask(node, "agent", "list")) == made)
        self.start_robots(f"robots-{node}")

    def start_campaign(self):
        """Made on one node, it runs on all."""
        self.ask(self.nodes[0], "campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.ask(self.nodes[0], "campaign", "start", "demo")

    def watch_until(self, end):
        while time.monotonic() < end:
            time.sleep(5)
            row = []
            for node in self.nodes:
                if node not in self.live:
                    row.append(f"{'dead':>34}")
                    continue
                c, s = self.ask(node, "campaign", "show", "demo"), self.status(node)
                row.append(f"{s['shards_served']:>6} {c['in_flight']:>9} {c['attempts']:>8} {c['humans']:>8}")
            print(f"{max(0, int(end - time.monotonic())):>4}s " + " |".join(row), flush=True)

    def kill(self, process):
        victim = self.arguments.kill
        others = [node for node in self.nodes if node != victim]
        self.say(f"killing {victim}")
        self.live.discard(victim)
        killed_at = time.monotonic()
        for name in (f"node-{victim}", f"robots-{victim}"):
            for known, running in self.processes:
                if known == name:
                    running.send_signal(signal.SIGKILL)
            self.forget(name)
        process.wait()
        self.at = others[0]
        self.wait_for("the takeover", lambda: sum(self.status(node)["shards_served"] for node in others) == cluster_rig.SHARDS, 60)
        self.say(f"the others serve all shards {time.monotonic() - killed_at:.1f} s after the kill")
        self.watch_until(time.monotonic() + 30)
        if self.arguments.wipe:
            shutil.rmtree(self.folder(victim))
            self.give_key(victim)
        self.start_cluster_node(victim)
        self.live.add(victim)
        self.say(f"{victim} is back" + (" with an empty data folder" if self.arguments.wipe else ""))

    def await_share(self):
        """The node that was killed serves its part again; a wiped one has copied it from the others first."""
        victim = self.arguments.kill
        begun = time.monotonic()
        self.wait_for(f"{victim} to serve its part", lambda: self.is_settled(self.nodes), 300)
        status = self.status(victim)
        self.say(f"{victim} serves {status['shards_served']} shards, {status['shards_seeded']} copied ({status['seeded_mb']} MB,"
                 f" {status['seed_failures']} tries failed), waited {time.monotonic() - begun:.0f} s for it")

    def attempts(self):
        """What the nodes tell together: each keeps the cases of the shards it has a copy of."""
        told = {}
        for node in sorted(self.live):
            for row in self.ask(node, "attempt", "list"):
                known = told.get(row["attempt"])
                if known is None or known["settlements"] < row["settlements"]:
                    told[row["attempt"]] = row
        return list(told.values())

    def drain(self):
        for node in sorted(self.live):
            self.ask(node, "campaign", "pause", "demo", check=False)
        self.wait_for("the end of the talks", lambda: all(self.ask(node, "call", "list") == [] for node in self.live), 120)
        self.wait_for("the settlements", lambda: all(row["settlements"] for row in self.attempts()), 90)

    def judge_all(self):
        attempts = self.attempts()
        problems = judge.judge(judge.read_log(self.carrier_log()), attempts)
        for node in sorted(self.live):
            verified = self.ask(node, "history", "rebuild", "--verify")
            if verified["differing_cases"]:
                problems.append(f"projections of {node} differ: {verified['differences'][:3]}")
        self.say("report")
        for outcome in sorted({row["outcome"] for row in attempts}):
            print(f"  {outcome:<24} {sum(1 for row in attempts if row['outcome'] == outcome):>6}")
        for problem in problems:
            print(f"  PROBLEM: {problem}")
        print(f"{len(attempts)} attempts, {len(judge.calls_of(judge.read_log(self.carrier_log())))} calls at the carrier, {len(problems)} violations")
        return problems

    def run(self):
        self.say(f"carrier, etcd of {self.etcd_members}, nodes {', '.join(self.nodes)}")
        processes = self.start_cluster()
        self.import_portfolio()
        self.wait_for("the copies", lambda: self.is_settled(self.nodes), 120)
        for node in self.nodes:
            self.man(node)
        self.start_campaign()
        self.say(f"dialing for {self.arguments.minutes:g} minutes, {self.arguments.agents} agents at each node")
        print("      " + " |".join(f"{'shards':>6} {'in flight':>9} {'attempts':>8} {'humans':>8}" for _ in self.nodes), flush=True)
        end = time.monotonic() + self.arguments.minutes * 60
        if self.arguments.kill:
            self.watch_until(end - self.arguments.minutes * 40)
            self.kill(processes[self.arguments.kill])
        self.watch_until(end)
        if self.arguments.kill:
            self.await_share()
        self.drain()
        problems = self.judge_all()
        if self.arguments.keep:
            self.at = self.nodes[0]
            self.keep_running()
        return 1 if problems else 0


def main():
    main_job.run_and_stop(ClusterJob(parse_arguments()))
