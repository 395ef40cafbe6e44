"""A carrier that fails often, a node with two trunks to it, robot agents: what the tests of durability dial with.

The carrier challenges every INVITE, so authenticated re-sends happen all the time; with two trunks a refusal of the one
brings a second leg over the other.
"""
import argparse
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

import judge
import main_job

PORTS = main_job.PORTS
SECOND_TRUNK_PORT = PORTS["trunk"] + 1
MONDAY = 20780  # 2026-11-23, as a day number.


def parse(description, seed=1, **defaults):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("build")
    parser.add_argument("--seed", type=int, default=seed, help="of the test's own dice: when to strike")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


class LastingNode(main_job.Demo):
    """A node that is killed and started again, and a list of what was found wrong."""

    def __init__(self, arguments, name):
        arguments.agents = 6
        arguments.portfolio = str(harness.ROOT / "demo/portfolio.xlsx")
        arguments.data = str(pathlib.Path(arguments.build) / "integration" / name)
        super().__init__(arguments)
        self.node = None
        self.problems = []
        self.carrier_seed = arguments.seed

    def first_day(self):
        return MONDAY

    def start_node(self, *under):
        self.forget("node")
        self.node = self.start("node", *under, self.bin / "dunlind", "--config", self.data / "dunlin.toml", "--clock-start", self.clock_start())
        self.wait_for("the node", lambda: self.dunlin("health", check=False) != "", 120)

    def kill_node(self):
        self.node.send_signal(signal.SIGKILL)
        self.node.wait()

    def expect(self, is_met, problem):
        if not is_met:
            self.problems.append(problem)

    def verdict(self):
        for problem in self.problems:
            print("VIOLATION:", problem)
        print(f"{len(self.problems)} violations")
        return 1 if self.problems else 0


class Rig(LastingNode):
    def __init__(self, arguments, name):
        super().__init__(arguments, name)
        self.arguments.scenario = str(harness.ROOT / "tests/integration/failing_carrier.toml")
        self.has_login = True

    def write_config(self):
        secret = self.data / "trunk.secret"
        secret.touch(mode=0o600)
        secret.write_text("carrier secret\n")
        secret.chmod(0o400)
        login = f'register_user = "dunlin"\npassword_file = "{secret}"\n' if self.has_login else "options_interval_s = 1\n"
        trunks = "".join(f"""[[trunk]]
name = "{name}"
address = "127.0.0.1:{PORTS['carrier']}"
local_bind = "127.0.0.1:{port}"
{login}caller_ids = ["+74950000001"]
channels = 40
calls_per_second = 10.0
""" for name, port in (("one", PORTS["trunk"]), ("two", SECOND_TRUNK_PORT)))
        (self.data / "dunlin.toml").write_text(f"""[node]
data_folder = "{self.data / 'node'}"
min_free_mb = 64
[agents]
tls_bind = "127.0.0.1:{PORTS['agents']}"
{trunks}""")

    def calls(self):
        return judge.calls_of(judge.read_log(self.carrier_log()))

    def wait_for_calls(self, count, seconds=120):
        self.wait_for(f"{count} calls", lambda: len(self.calls()) >= count, seconds)

    def drain(self):
        self.dunlin("campaign", "pause", "demo")
        # A dial asked for before the pause may be neither a call nor an attempt yet.
        self.wait_for("the dials under way", lambda: self.dunlin("campaign", "show", "demo")["in_flight"] == 0, 120)
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [], 120)
        self.wait_for("the settlements", lambda: all(row["settlements"] for row in self.dunlin("attempt", "list")), 60)

    def carrier_events(self):
        return judge.read_log(self.carrier_log())

    def judge_history(self, has_outage=False):
        """The carrier's log against the history, and the history against itself."""
        attempts = self.dunlin("attempt", "list")
        events = self.carrier_events()
        calls = judge.calls_of(events)
        self.problems += judge.judge(events, attempts, has_outage)
        verified = self.dunlin("history", "rebuild", "--verify")
        self.expect(not verified["differing_cases"], f"projections differ: {verified['differences'][:3]}")
        second_legs = sum(1 for call in calls.values() if call.leg and call.leg[1] == 2)
        lost = sum(1 for row in attempts if row["outcome"] == "unknown_after_failure")
        self.say(f"{len(attempts)} attempts, {len(calls)} calls at the carrier, {second_legs} second legs, {lost} unknown after a kill")
        return attempts, calls
