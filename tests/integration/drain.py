#!/usr/bin/env python3
"""SIGTERM in the middle of a talk, with a short `drain_limit_s`: the talk goes on to the limit and is then hung up in order,
nobody new is called, `health` says what is going on, and after the next start the attempt is settled once with its
recording whole."""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import far_phone
import tone_phone

import main_job
import supervision

LIMIT_S = 20
SECOND = "79161112002"


class Drain(supervision.Supervision):
    def write_config(self):
        super().write_config()
        config = self.data / "dunlin.toml"
        config.write_text(config.read_text().replace("[node]\n", f"[node]\ndrain_limit_s = {LIMIT_S}\n"))

    def begin_talk(self):
        """One person is in a talk; a second one and an agent are ready for the campaign to go on."""
        self.import_person()
        self.dunlin("campaign", "create", "people", "--portfolio", "people", "--skill", "demo", "--no-classifier")
        self.dunlin("campaign", "start", "people")
        self.wait_for("the talk", lambda: self.dunlin("agent", "show", "ann")["state"] == "talking", 90)
        self.dunlin("campaign", "pause", "people")
        harness.import_people(self, [f"Второй Номер Синтетический;11.05.1976;+{SECOND};Москва;С-2;2000;200;60\n"], "people")
        bea = self.seat("bea", supervision.BOSS_HZ, "--skills", "demo")
        self.dunlin("agent", "ready", "bea")
        return bea

    def stop_in_the_talk(self):
        node = self.let_go("node")
        asked_at = time.time()
        node.send_signal(signal.SIGTERM)
        self.wait_for("a word about the drain", lambda: "node: draining" in str(self.dunlin("health", check=False)), LIMIT_S - 1)
        self.dunlin("campaign", "resume", "people", check=False)
        self.expect("the talk goes on meanwhile", len(self.dunlin("call", "list")), 1)
        self.expect("the exit code", node.wait(timeout=60), 0)
        return asked_at

    def judge_stop(self, call, asked_at):
        self.expect("the far end was hung up", call.bye_at is not None, True)
        if call.bye_at is not None:
            self.expect("not before the limit", call.bye_at - asked_at >= LIMIT_S - 0.5, True)

    def judge_history(self):
        self.start_node()
        self.wait_for("the settlement", lambda: all(row["settlements"] for row in self.dunlin("attempt", "list")), 60)
        attempts = self.dunlin("attempt", "list")
        self.expect("attempts and their settlements", [row["settlements"] for row in attempts], [1])
        self.expect("the outcome is not in doubt", attempts[0]["outcome"] not in ("", "unknown_after_failure"), True)
        self.wait_for("the recording", lambda: any(row["recording"] == attempts[0]["attempt"] for row in self.dunlin("recording", "list")), 60)

    def run(self):
        self.problems = []
        self.make_folder()
        (self.data / "node").mkdir()
        self.write_config()
        person = far_phone.Person(supervision.NUMBER, acts=[])
        with tone_phone.ToneExchange(main_job.PORTS["carrier"], [person, far_phone.Person(SECOND, acts=[])]) as exchange:
            self.start_node()
            agent = self.seat("ann", supervision.AGENT_HZ, "--skills", "demo")
            self.dunlin("agent", "ready", "ann")
            bea = self.begin_talk()
            asked_at = self.stop_in_the_talk()
            self.judge_stop(person.calls[0], asked_at)
            self.expect("calls at the carrier", len(exchange.calls), 1)
            agent.hang_up()
            bea.hang_up()
            self.judge_history()
            self.problems += exchange.problems
        return harness.verdict(self.problems)


if __name__ == "__main__":
    harness.run(Drain, "drain")
