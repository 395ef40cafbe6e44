#!/usr/bin/env python3
"""Calls in which a flow speaks, on a real node: four people with phones of their own, in sound.

One types a promise by RFC 4733 events, one asks for an agent by tones in the sound, one hangs up in the middle, one says
nothing. Keys are pressed when our side has stopped speaking, as people do. The history must say what each of them did, and
the promise must be in the case within a second of the last key.
"""
import argparse
import datetime
import pathlib
import shutil
import struct
import sys
import wave

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import far_phone

import main_job

CARRIER = 15060
FLOW = """name = "pay"
language = "en"
currency = "RUB"
[[step]]
name = "greeting"
kind = "say"
tells = ["caller", "robot", "recording"]
text = "This is the robot of Example Bank. The call is recorded."
next = "who"
[[step]]
name = "who"
kind = "menu"
text = "If you are {name}, press one."
wait = "5s"
repeats = 0
otherwise = "end"
[[step.choice]]
keys = "1"
confirms_person = true
next = "offer"
[[step]]
name = "offer"
kind = "menu"
text = "You owe {overdue}. To pay press one. To talk to a person press zero."
wait = "5s"
repeats = 0
otherwise = "end"
[[step.choice]]
keys = "1"
next = "sum"
[[step.choice]]
keys = "0"
next = "agent"
[[step]]
name = "sum"
kind = "ask_amount"
text = "How much?"
least = 10
repeats = 0
otherwise = "agent"
next = "promise"
[[step]]
name = "promise"
kind = "promise"
in_days = 3
next = "thanks"
refused = "agent"
[[step]]
name = "thanks"
kind = "say"
text = "Noted: {amount}."
next = "end"
[[step]]
name = "agent"
kind = "transfer"
wait = "30s"
nobody = "callback"
[[step]]
name = "callback"
kind = "callback"
after = "2h"
next = "end"
[[step]]
name = "end"
kind = "end"
"""
# Acts are taken one at each silence of our side.
PEOPLE = {
    "payer": far_phone.Person("79161110001", acts=["1", "1", "150#"]),
    "asker": far_phone.Person("79161110002", acts=["1", "0"], has_events=False),
    "leaver": far_phone.Person("79161110003", acts=["1", "bye"]),
    "silent": far_phone.Person("79161110004", acts=[]),
}
ENDS = {"payer": ("answered", "rpc_promise"), "asker": ("answered", None), "leaver": ("hung_up_before_agent", None), "silent": ("hung_up_before_agent", None)}


def instant(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


class FlowCalls(main_job.Demo):
    robot_talk = "3-4"

    def record_words(self):
        """Studio recordings of everything but the names: a short tone each, so that the test needs no long synthesis."""
        (self.data / "pay.toml").write_text(FLOW)
        folder = self.data / "node/speech/pay"
        folder.mkdir(parents=True)
        tone = b"".join(struct.pack("<h", 8000 if n // 10 % 2 else -8000) for n in range(1600))
        for line in self.dunlin("flow", "fragments", str(self.data / "pay.toml"), as_json=False).splitlines():
            with wave.open(str(folder / (line.split("\t")[0] + ".wav")), "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(8000)
                sound.writeframes(tone)

    def import_people(self):
        rows = [f"Пробный {name} Синтетический;1{n}.05.1975;+{person.number};Москва;С-{n};2000;200;60\n"
                for n, (name, person) in enumerate(PEOPLE.items())]
        harness.import_people(self, rows, "flows")

    def all_settled(self):
        attempts = self.dunlin("attempt", "list")
        if len(attempts) >= len(PEOPLE) and self.dunlin("campaign", "show", "robot")["state"] == "running":
            self.dunlin("campaign", "pause", "robot")  # No second try blurs the picture.
        return len(attempts) >= len(PEOPLE) and all(attempt["outcome"] for attempt in attempts)

    def expect(self, what, seen, wanted):
        if seen != wanted:
            self.problems.append(f"{what}: {seen!r}, expected {wanted!r}")

    def judge(self):
        self.problems = []
        attempts = {attempt["attempt"]: attempt for attempt in self.dunlin("attempt", "list")}
        for name, person in PEOPLE.items():
            self.expect(f"calls to the {name}", len(person.calls), 1)
            if not person.calls:
                continue
            call = person.calls[0]
            attempt = attempts[call.attempt]
            outcome, disposition = ENDS[name]
            self.expect(f"outcome of the {name}", attempt["outcome"], outcome)
            if disposition:
                self.expect(f"disposition of the {name}", attempt["disposition"], disposition)
            self.expect(f"the {name} was bridged", bool(attempt["bridged_at"]), name == "asker")
            self.expect(f"the {name} heard us", call.loud_frames > 20, True)
            self.expect(f"the {name}'s call is recorded", bool(attempt["recording"]), True)
        self.judge_promise(attempts)
        return self.problems

    def judge_promise(self, attempts):
        """Both clocks meet where our BYE came: its time in the history and at the phone are one instant."""
        call = PEOPLE["payer"].calls[0]
        attempt = attempts[call.attempt]
        facts = {fact["event"]: fact["at"] for fact in self.dunlin("case", "show", attempt["case"])}
        self.expect("a promise in the payer's case", "promise_made" in facts, True)
        if "promise_made" not in facts or not call.key_at or not call.bye_at:
            return
        before_end = (instant(attempt["ended_at"]) - instant(facts["promise_made"])).total_seconds()
        after_key = (call.bye_at - call.key_at) - before_end
        print(f"the promise was in the case {after_key:.3f} s after the last key's sound had ended, {before_end:.3f} s before the end of the call")
        self.expect("the promise was in the case within a second, during the call", after_key <= 1 and before_end > 0, True)

    def run(self):
        self.make_folder()
        (self.data / "node").mkdir()
        self.write_config()
        self.record_words()
        with far_phone.Exchange(CARRIER, PEOPLE.values()) as exchange:
            self.start_node()
            self.add_agents()
            self.import_people()
            self.start_robots()
            self.dunlin("flow", "put", str(self.data / "pay.toml"))
            self.dunlin("campaign", "create", "robot", "--portfolio", "flows", "--skill", "demo", "--no-classifier")
            self.dunlin("campaign", "set", "robot", "mode=agentless", "flow=pay")
            self.dunlin("campaign", "start", "robot")
            self.wait_for("an outcome of every attempt", self.all_settled, 180)
            self.wait_for("the end of the calls", lambda: self.dunlin("call", "list") == [], 60)
        problems = self.judge() + exchange.problems
        print(f"{len(PEOPLE)} calls with a flow, {len(problems)} problems")
        return harness.verdict(problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    arguments = parser.parse_args()
    if not shutil.which("espeak-ng") or not shutil.which("sox"):
        print("espeak-ng or sox is not installed: nobody can say the names")
        sys.exit(77)
    arguments.agents = 2
    arguments.data = str(pathlib.Path(arguments.build) / "integration/flow_calls")
    main_job.run_and_stop(FlowCalls(arguments))


if __name__ == "__main__":
    main()
