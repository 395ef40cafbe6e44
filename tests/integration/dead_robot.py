#!/usr/bin/env python3
"""Agents who die in a talk: one robot is killed, one is frozen, a third works on. The node notices both by itself and soon
(its own log says when and how), no debtor is left on a dead line, every attempt is settled once, the third agent gets the
next calls. The frozen robot comes back to its wrap-up and its work; frozen while ready it comes back on a break."""
import datetime
import json
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import judge
import main_job

KILLED, FROZEN, BYSTANDER = "a001", "a002", "a003"
NOTICED_S = 10  # Promised are 2 s of silence; a busy machine may take longer.
RETURN_S = 15   # So long a debtor waits for the agent to come back.
PEOPLE = 24


class DeadRobot(main_job.Demo):
    # Nobody who answers hangs up: a call that ends was ended by the node.
    talk_of = {KILLED: "90-91", FROZEN: "90-91", BYSTANDER: "3-4"}
    robot_wrap = "1-2"

    def __init__(self, arguments):
        super().__init__(arguments)
        self.problems = []
        self.robots = {}

    def expect(self, is_met, problem):
        if not is_met:
            self.problems.append(problem)

    def write_config(self):
        super().write_config()
        with open(self.data / "dunlin.toml", "a") as config:
            config.write('[log]\nlevel = "debug"\n')
        (self.data / "carrier.toml").write_text('[[number]]\nmatch = "7916*"\noutcome = "tone:1000"\n[ring]\nanswer_after_ms = [200, 400]\n')

    def seat_robots(self):
        """Each in a process of its own."""
        self.add_agents()
        accounts = json.loads((self.data / "accounts.json").read_text())
        for account in accounts:
            user = account["user"]
            path = self.data / f"{user}.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps([account]))
            self.robots[user] = self.start(user, self.bin / "dunlin-robot", "--count", 1, "--registrar", f"127.0.0.1:{self.agents_port()}",
                                           "--ca", self.node_folder() / "tls/cafile.pem", "--accounts", path, "--control", self.node_folder() / "dunlin.sock",
                                           "--wrap", self.robot_wrap, "--talk", self.talk_of[user], "--log", self.data / f"{user}.jsonl")
        self.wait_for("the agents", lambda: self.ready_agents() == len(accounts), self.robots_limit_s)

    def import_people(self):
        rows = [f"Пробный Номер Синтетический;{1 + n % 28:02d}.05.19{50 + n};+7916111{n:04d};Москва;К-{n};2000;200;60\n" for n in range(PEOPLE)]
        harness.import_people(self, rows)

    def agent(self, user):
        return self.dunlin("agent", "show", user)

    def talk_of_agent(self, user):
        shown = self.agent(user)
        return shown["call"] if shown["state"] == "talking" else None

    def node_log(self, *parts):
        """Lines of the node's log that hold all of these, with the second each was written."""
        found = []
        for line in (self.data / "node.log").read_text(errors="replace").splitlines():
            if all(part in line for part in parts):
                stamp = datetime.datetime.strptime(line.split(" ", 1)[0], "%Y-%m-%dT%H:%M:%S.%f%z")
                found.append((stamp.timestamp(), line))
        return found

    def leg_losses(self, user, since):
        return [(at, line) for at, line in self.node_log("agent leg_lost ", f"agent={user} ") if at >= since]

    def expect_noticed(self, user, since):
        self.wait_for(f"the loss of {user}", lambda: self.leg_losses(user, since), 60)
        at, line = self.leg_losses(user, since)[0]
        print(f"{user} was noticed after {at - since:.1f} s: {line.split(' ', 3)[3]}")
        self.expect(at - since <= NOTICED_S, f"{user} was noticed after {at - since:.1f} s")
        self.expect(self.agent(user)["leg"] != "up", f"{user} is dead and its leg is up")

    def ends(self):
        """Call-ID -> how the call ended at the carrier."""
        return {e["call_id"]: e for e in judge.read_log(self.carrier_log()) if e.get("event") == "end"}

    def attempts(self):
        return {row["attempt"]: row for row in self.dunlin("attempt", "list")}

    def lose_two(self):
        self.wait_for("two talks", lambda: self.talk_of_agent(KILLED) and self.talk_of_agent(FROZEN), 90)
        lost = {user: self.talk_of_agent(user) for user in (KILLED, FROZEN)}
        since = time.time()
        self.forget(KILLED)
        self.robots[KILLED].send_signal(signal.SIGKILL)
        self.robots[FROZEN].send_signal(signal.SIGSTOP)
        self.robots[KILLED].wait()
        for user in lost:
            self.expect_noticed(user, since)
        self.judge_debtors(lost, since)
        return since

    def judge_debtors(self, lost, since):
        live = lambda: {call["call"] for call in self.dunlin("call", "list")}
        self.wait_for("the end of the lost talks", lambda: not live() & set(lost.values()), RETURN_S + 60)
        waited = time.time() - since
        self.wait_for("their settlements", lambda: all(self.attempts()[a]["settlements"] for a in lost.values()), 30)
        for user, attempt in lost.items():
            row = self.attempts()[attempt]
            ends = [e for call_id, e in self.ends().items() if call_id.startswith(attempt + "-")]
            print(f"the debtor of {user}: outcome {row['outcome']}, carrier says {[(e['ended_by'], e['cause']) for e in ends]}, all over {waited:.1f} s after the loss")
            self.expect(row["settlements"] == 1 and row["outcome"] == "answered", f"{attempt} of {user}: {row['settlements']} settlements, outcome {row['outcome']}")
            self.expect(len(ends) == 1 and ends[0]["ended_by"] == "caller", f"{attempt} of {user}: the carrier knows {ends}")
        self.expect(waited <= NOTICED_S + RETURN_S + 15, f"the debtors of the dead waited {waited:.0f} s")

    def talks_of(self, user):
        return [e for e in judge.read_log(self.data / f"{user}.jsonl") if e.get("event") == "talk_started"]

    def bring_back(self):
        """Nobody is called for the one who came back before its wrap-up is done by itself."""
        begun = len(self.talks_of(FROZEN))
        since = time.time()
        self.robots[FROZEN].send_signal(signal.SIGCONT)
        self.wait_for("the leg of the frozen one", lambda: self.node_log("agent leg_up ", f"agent={FROZEN} ") and self.agent(FROZEN)["leg"] == "up", 60)
        self.wait_for("its next talk", lambda: len(self.talks_of(FROZEN)) > begun, 90)
        states = [line for at, line in self.node_log("agent state ", f"agent={FROZEN} ") if at >= since]
        print("\n".join(states))
        left = next((n for n, line in enumerate(states) if " wrap_up -> " in line), None)
        self.expect(left is not None and not any(" -> reserved" in line for line in states[:left]), f"{FROZEN} was given a call before it was back at work: {states}")

    def freeze_idle(self):
        self.dunlin("campaign", "pause", "demo")
        self.dunlin("agent", "hangup", FROZEN)
        self.wait_for("a quiet floor", lambda: self.dunlin("call", "list") == [] and self.agent(FROZEN)["state"] == "ready", 60)
        since = time.time()
        self.robots[FROZEN].send_signal(signal.SIGSTOP)
        self.expect_noticed(FROZEN, since)
        self.robots[FROZEN].send_signal(signal.SIGCONT)
        self.wait_for("the break", lambda: self.breaks_since(since), 60)
        print(self.breaks_since(since)[0])
        self.wait_for("its own ready", lambda: self.agent(FROZEN)["state"] == "ready", 60)

    def breaks_since(self, since):
        return [line for at, line in self.node_log("agent state ", f"agent={FROZEN} ", "link_lost -> break") if at >= since]

    def stop(self):
        if FROZEN in self.robots:
            self.robots[FROZEN].send_signal(signal.SIGCONT)
        super().stop()

    def run(self):
        self.make_folder()
        self.write_config()
        self.start_carrier()
        self.start_node()
        self.seat_robots()
        self.import_people()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo", "--no-classifier")
        self.dunlin("campaign", "start", "demo")
        before = len(self.talks_of(BYSTANDER))
        self.lose_two()
        self.wait_for("more talks of the third", lambda: len(self.talks_of(BYSTANDER)) >= before + 2, 90)
        self.bring_back()
        self.freeze_idle()
        self.wait_for("the settlements", lambda: all(row["settlements"] for row in self.attempts().values()), 60)
        self.problems += judge.judge(judge.read_log(self.carrier_log()), self.dunlin("attempt", "list"))
        print(f"{len(self.attempts())} attempts, {len(self.talks_of(BYSTANDER))} talks of the third, {len(self.problems)} problems")
        return harness.verdict(self.problems)


if __name__ == "__main__":
    harness.run(DeadRobot, "dead_robot", agents=3)
