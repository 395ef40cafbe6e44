"""The main job on one machine: a portfolio goes in, the demo carrier is called, robot agents talk, a report comes out.

tools/demo runs it; tests and benches that need carrier, node and robots derive from Demo.
"""
import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import demo_forecast
import judge
import personal_data

ROOT = pathlib.Path(__file__).resolve().parent.parent

PORTS = {"carrier": 15060, "trunk": 15080, "agents": 15061}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev demo", description="Run the main job on a sample portfolio with the demo carrier.")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long to dial (default 2)")
    parser.add_argument("--portfolio", default=str(ROOT / "demo/portfolio.xlsx"), help="your own .xlsx or .csv")
    parser.add_argument("--agents", type=int, default=12, help="robot agents (default 12)")
    parser.add_argument("--mode", choices=["progressive", "predictive"], default="progressive", help="how the campaign paces its dials (default progressive)")
    parser.add_argument("--no-forecast", dest="forecast", action="store_false", help="do not play the same in `dunlin simulate` afterwards")
    parser.add_argument("--keep", action="store_true", help="leave node, carrier and robots running for `dunlin shell`")
    parser.add_argument("--data", default=str(ROOT / "demo-data"), help="folder for the demo's data (made anew)")
    parser.add_argument("--scenario", default=str(ROOT / "demo/carrier.toml"), help="what the public network does")
    return parser.parse_args()


class Demo:
    carrier_seed = 1
    carrier_rtp_ports = "30000-34998"
    robot_codec, robot_srtp = "opus", "gcm"
    robot_wrap, robot_talk = "2-6", "5-15"   # Seconds, least and most.
    robots_limit_s = 120

    def __init__(self, arguments):
        self.arguments = arguments
        self.bin = pathlib.Path(arguments.build).resolve() / "bin"
        self.data = pathlib.Path(arguments.data).resolve()
        self.processes = []
        self.started_at = None
        self.cases = 0

    def say(self, text):
        print(f"== {text}", flush=True)

    def node_folder(self):
        """The data folder of the node that commands and robots go to."""
        return self.data / "node"

    def agents_port(self):
        return PORTS["agents"]

    def dunlin(self, *words, check=True, as_json=True):
        command = [str(self.bin / "dunlin"), "--socket", str(self.node_folder() / "dunlin.sock")]
        command += (["-o", "json"] if as_json else []) + list(words)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise SystemExit(f"demo: `dunlin {' '.join(words)}` failed ({done.returncode}): {done.stderr.strip()}")
        return json.loads(done.stdout) if as_json and done.stdout.strip() else done.stdout

    def start(self, name, *command):
        with open(self.data / f"{name}.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=subprocess.STDOUT)
        self.processes.append((name, process))
        return process

    def wait_for(self, what, ready, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, process in self.processes:
                if process.poll() is not None:
                    raise SystemExit(f"demo: {name} ended with {process.returncode}; see {self.data / (name + '.log')}")
            if ready():
                return
            time.sleep(0.2)
        raise SystemExit(f"demo: {what} did not come within {seconds} s; logs are in {self.data}")

    def make_folder(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)

    def carrier_log(self):
        return self.data / "carrier.jsonl"

    def start_carrier(self, *options):
        self.start("carrier", self.bin / "dunlin-carrier", "--listen", f"127.0.0.1:{PORTS['carrier']}", "--scenario", self.arguments.scenario,
                   "--log", self.carrier_log(), "--rtp-ports", self.carrier_rtp_ports, "--seed", str(self.carrier_seed), *options)
        self.wait_for("the carrier", lambda: self.carrier_log().exists() and "started" in self.carrier_log().read_text(), 120)

    def write_config(self):
        (self.data / "dunlin.toml").write_text(f"""[node]
data_folder = "{self.data / 'node'}"
[agents]
tls_bind = "127.0.0.1:{PORTS['agents']}"
[[trunk]]
name = "carrier"
address = "127.0.0.1:{PORTS['carrier']}"
local_bind = "127.0.0.1:{PORTS['trunk']}"
caller_ids = ["+74950000001"]
channels = 60
calls_per_second = 20.0
options_interval_s = 5
""")

    def first_day(self):
        """The next Tuesday, in days since 1970. At 11:00 Moscow calls are lawful on holidays, too."""
        day = int(self.started_at // 86400) + 1
        while (day - 5) % 7 != 0:
            day += 1
        return day

    def clock_start(self):
        """11:00 in Moscow, lawful hours, and on over restarts: a clock that went back would (rightly) forbid every call."""
        self.started_at = self.started_at or time.time()
        seconds = self.first_day() * 86400 + 8 * 3600 + int(time.time() - self.started_at) + 1
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    def forget(self, name):
        """A process that is meant to be dead is not watched any more."""
        self.processes = [(known, process) for known, process in self.processes if known != name]

    def let_go(self, name):
        """The process of this name, watched no more."""
        process = next(process for known, process in self.processes if known == name)
        self.forget(name)
        return process

    def start_node(self):
        self.start("node", self.bin / "dunlind", "--config", self.data / "dunlin.toml", "--clock-start", self.clock_start())
        self.wait_for("the node", lambda: self.dunlin("health", check=False) != "")

    def add_agents(self, first=1):
        accounts = []
        for number in range(first, first + self.arguments.agents):
            user = f"a{number:03d}"
            added = self.dunlin("agent", "add", user, "--name", f"Robot {number}", "--skills", "demo")
            accounts.append({"user": user, "password": added["sip_secret"]})
        path = self.data / "accounts.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(accounts))

    def start_robots(self, name="robots"):
        """Robot agents of the accounts added last."""
        self.start(name, self.bin / "dunlin-robot", "--count", self.arguments.agents, "--registrar", f"127.0.0.1:{self.agents_port()}",
                   "--transport", "tls", "--ca", self.node_folder() / "tls/cafile.pem", "--accounts", self.data / "accounts.json",
                   "--control", self.node_folder() / "dunlin.sock", "--codec", self.robot_codec, "--srtp", self.robot_srtp,
                   "--wrap", self.robot_wrap, "--talk", self.robot_talk, "--log", self.data / f"{name}.jsonl")
        self.wait_for("the agents", lambda: self.ready_agents() == self.arguments.agents, self.robots_limit_s)

    def ready_agents(self):
        return sum(1 for agent in self.dunlin("agent", "list") if agent["state"] not in ("logged_out", "link_lost"))

    def import_portfolio(self):
        job = self.dunlin("import", "run", self.arguments.portfolio, "--portfolio", "demo", "--rejects",
                          str(self.data / ("rejects" + pathlib.Path(self.arguments.portfolio).suffix)), check=False, as_json=False)
        report = self.dunlin("import", "list")[0]
        if report["state"] != "done":
            raise SystemExit(f"demo: the import failed: {report['error']}\n{job}")
        self.cases = report["created"]
        self.say(f"imported {report['rows']} rows: {report['created']} cases new, {report['updated']} updated, "
                 f"{report['rejected']} came back ({report['rows_per_s']} rows/s)")

    def watch(self):
        end = time.monotonic() + self.arguments.minutes * 60
        header = f"{'left':>5} {'ready':>6} {'in flight':>9} {'attempts':>8} {'answered':>8} {'humans':>6} {'connected':>9} {'abandoned':>9} {'promises':>8} {'occupancy':>9}"
        print(header, flush=True)
        while time.monotonic() < end:
            time.sleep(max(0, min(5, end - time.monotonic())))
            c = self.dunlin("campaign", "show", "demo")
            print(f"{max(0, round(end - time.monotonic())):>4}s {c['ready']:>6} {c['in_flight']:>9} {c['attempts']:>8} {c['answered']:>8} {c['humans']:>6} "
                  f"{c['connected']:>9} {c['abandoned']:>9} {c['promises']:>8} {c['occupancy']:>9}", flush=True)

    def drain(self):
        self.dunlin("campaign", "pause", "demo")
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [])
        self.wait_for("the last wrap-up", lambda: all(a["state"] not in ("talking", "wrap_up", "reserved") for a in self.dunlin("agent", "list")), 60)

    def finished_recordings(self, wanted, seconds=60):
        """A call's sound is made into its file in the background; on a busy machine that takes longer than the last talk."""
        until = time.monotonic() + seconds
        while True:
            recordings = self.dunlin("recording", "list", "--limit", "100000")
            if len(recordings) >= wanted or time.monotonic() > until:
                return recordings
            time.sleep(0.5)

    def report(self):
        campaign = self.dunlin("campaign", "show", "demo")
        attempts = self.dunlin("attempt", "list")
        recordings = self.finished_recordings(campaign["connected"])
        self.say("report")
        for name, count in sorted(campaign["outcomes"].items(), key=lambda item: -item[1]):
            print(f"  {name:<24} {count:>6}")
        print(f"  dispositions: {', '.join(f'{k} {v}' for k, v in campaign['dispositions'].items()) or 'none'}")
        print(f"  attempts {len(attempts)}, humans {campaign['humans']}, connected {campaign['connected']}, abandoned {campaign['abandoned']} ({campaign['abandon_rate']})")
        print(f"  occupancy {campaign['occupancy']}, idle p50 {campaign['idle_p50']}, p95 {campaign['idle_p95']}")
        seconds = sum(r["duration_ms"] for r in recordings) / 1000
        print(f"  recordings {len(recordings)}, {seconds:.0f} s in all, gaps {sum(r['gap_ms'] for r in recordings)} ms")
        return campaign, attempts

    def forecast(self, campaign, attempts):
        """What `dunlin simulate` expects of the same agents, mode, answers and times, beside what was lived."""
        fates = demo_forecast.drawn(judge.read_log(self.carrier_log()))
        wrap = demo_forecast.wrap_times(judge.read_log(self.data / "robots.jsonl"), self.robot_wrap)
        line = demo_forecast.line_file(attempts, fates, wrap, self.arguments.minutes)
        day = time.strftime("%Y-%m-%d", time.gmtime(self.first_day() * 86400))
        options = {"agents": self.arguments.agents, "mode": self.arguments.mode, "cases": max(1, self.cases), "day": day}
        live = {**campaign, "occupancy": demo_forecast.occupancy(attempts, wrap[0], self.arguments.agents)}
        lines, sentence = demo_forecast.beside(live, demo_forecast.simulate(self.bin / "dunlin", self.data, line, options))
        self.say(f"live ({self.arguments.mode}) beside `dunlin simulate`")
        print("\n".join(lines))
        self.say(sentence)

    def judge(self, campaign, attempts):
        problems = judge.judge(judge.read_log(self.carrier_log()), attempts)
        if campaign["connected"] == 0:
            problems.append("nobody was connected to an agent")
        return problems + self.readable_persons()

    def readable_persons(self):
        """The node's whole folder and its log, after imports, calls, recordings and events."""
        words = personal_data.PersonalWords(personal_data.portfolio_text(pathlib.Path(self.arguments.portfolio)))
        files = sorted(self.node_folder().rglob("*")) + [self.data / "node.log"]
        return [f"{file} shows {count} names or numbers of the portfolio" for file, count in personal_data.readable(words, files)]

    def stop(self):
        for name, process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for name, process in reversed(self.processes):
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def begin(self, *options, under=()):
        """From an empty folder to a running campaign, created with these options; `under`: a command to run the node under."""
        self.make_folder()
        self.write_config()
        self.say("carrier, node, agents")
        self.start_carrier()
        self.start_node(*under)
        self.add_agents()
        self.import_portfolio()
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo", *options)
        self.dunlin("campaign", "start", "demo")

    def run(self):
        self.begin("--mode", self.arguments.mode)
        self.say(f"dialing for {self.arguments.minutes:g} minutes with {self.arguments.agents} robot agents")
        self.watch()
        self.drain()
        campaign, attempts = self.report()
        if getattr(self.arguments, "forecast", False):
            self.forecast(campaign, attempts)
        problems = self.judge(campaign, attempts)
        for problem in problems:
            print(f"  PROBLEM: {problem}")
        if not problems:
            self.say(f"carrier's log and our history agree: {len(attempts)} attempts")
        if self.arguments.keep:
            self.keep_running()
        return 1 if problems else 0

    def keep_running(self):
        self.say(f"still running: {self.bin / 'dunlin'} --data {self.node_folder()} shell   (Ctrl-C ends it)")
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


def run_and_stop(job):
    """Runs the job, stops whatever it started, and ends the program with its code."""
    try:
        code = job.run()
    finally:
        job.stop()
    sys.exit(code)


def main():
    run_and_stop(Demo(parse_arguments()))
