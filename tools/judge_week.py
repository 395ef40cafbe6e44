#!/usr/bin/env python3
"""Judges a simulated course (`dunlin simulate --journal FILE`) by books of its own.

It shares no code with the program: the law is asked of tools/law_reference.py, which reads the packs by itself, with the
history this judge wrote down from the journal. It checks, for every person:
  - no call the law forbids at its instant; no call while another is going on;
  - every refusal of the law is one: the same rules deny, until the same instant, and every rule names its source;
  - every call was planned for that instant or before, every plan says why, every end of a call is followed by a plan;
  - who promised is left in peace until the day is over, who asked for a call back is not called sooner.
What it cannot explain is a violation. Exit code 0: none.

usage: judge_week.py --journal FILE [--rules config/rules] [--zones N] [--needs RULE,RULE…]
"""
import argparse
import collections
import datetime as dt
import json
import pathlib
import sys

import law_reference as law_text

# What came of a call, as the law counts it. A call an agent had stays a talk, whatever the agent says of it afterwards.
RESULTS = {"no_answer": "no_answer", "busy": "busy", "rejected": "rejected", "invalid_number": "not_in_service",
           "network_announcement": "not_in_service", "machine": "amd_machine", "fax": "amd_machine",
           "abandoned": "abandoned", "hung_up_before_agent": "answered_hangup", "failed": "network_failure",
           "answered": "talked"}
MOST_SHOWN = 20


def utc(ms):
    return dt.datetime.fromtimestamp(ms / 1000, dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Person:
    def __init__(self, step):
        self.step = step
        self.name = step["person"]
        self.phones = {phone["number"]: phone for phone in step["phones"]}
        self.calls = {}                 # attempt -> [at, number, result or None]
        self.open_call = None
        self.due, self.reason = step["due"], step["reason"]
        self.unexplained = None         # An end no plan has followed yet.
        self.quiet_until = None         # Of a promise.
        self.callback = None
        self.refusals = 0


class Judge:
    def __init__(self, rules, course):
        self.law = law_text.Law(rules)
        self.course = course
        self.people, self.violations = {}, []
        self.counts = collections.Counter()
        self.refused, self.called_in = collections.Counter(), collections.Counter()
        self.panels = {}
        self.sources = {rule["id"]: rule["source"] for pack in self.law.packs.values() for rule in pack["rule"]}

    def complain(self, person, step, text):
        self.violations.append(f"{utc(step['at'])} {person.name}: {text}")

    def case_of(self, person, phone, at):
        flags = [f"organisation={self.course['organisation']}", "autodial", f"num={phone['number']}",
                 f"ring_s={self.course['ring_timeout_s']}"]
        flags += {"mobile": ["mobile"], "home": ["landline"]}.get(phone["type"], [])
        flags += ["predictive"] if self.course["mode"] == "predictive" else []
        flags += [f"region={'|'.join(person.step['regions'])}"] if person.step["regions"] else []
        for name in self.course["jurisdictions"]:
            flags += [f"policy_{option}={value}" for option, value in self.law.packs[name].get("options", {}).items()]
        history = [f"{utc(when)} call {result or 'in_flight'} num={number}" for when, number, result in person.calls.values()]
        channel = "robot_call" if self.course["mode"] == "agentless" else "call"
        return {"id": person.name, "jurisdiction": "|".join(self.course["jurisdictions"]), "local_zone": "|".join(person.step["zones"]),
                "attempt_at": utc(at), "channel": channel, "counterparty": phone["owner"], "history": ";".join(history),
                "flags": ";".join(flags)}

    def ask(self, person, phone, at):
        """(decision, set of rules, first lawful instant)."""
        decision, rules, until, _ = law_text.judge_case(self.law, self.case_of(person, phone, at))[0]
        return decision, set(rules.split()), until

    def take(self, step):
        if step["step"] == "case":
            self.people[step["case"]] = Person(step)
            return
        getattr(self, "on_" + step["step"])(self.people[step["case"]], step)

    def on_call(self, person, step):
        self.counts["calls"] += 1
        self.called_in["|".join(person.step["zones"])] += 1
        decision, rules, _ = self.ask(person, person.phones[step["number"]], step["at"])
        if decision != "allow":
            self.complain(person, step, f"forbidden call: {' '.join(sorted(rules))}")
        if person.open_call:
            self.complain(person, step, "called while a call is going on")
        if not any(row["campaign"] and row["at"] <= step["at"] for row in person.due):
            self.complain(person, step, f"called though no plan wanted it yet ({person.reason})")
        if person.quiet_until and step["at"] < person.quiet_until:
            self.complain(person, step, "called before the promised day was over")
        if person.callback and step["at"] < person.callback:
            self.complain(person, step, "called before the time the person asked for")
        self.counts["callbacks kept"] += person.callback is not None
        person.callback = person.quiet_until = None
        person.open_call = step["attempt"]
        person.calls[step["attempt"]] = [step["at"], step["number"], None]
        person.unexplained = "call"

    def on_end(self, person, step):
        if person.open_call != step["attempt"]:
            self.complain(person, step, "a call ended that was not going on")
        person.open_call = None
        person.calls[step["attempt"]][2] = RESULTS[step["outcome"]]
        person.unexplained = f"end ({step['outcome']})"
        self.counts["ends"] += 1

    def on_word(self, person, step):
        person.unexplained = f"word ({step['outcome']})"
        if "promised" in step:
            self.counts["promises"] += 1
            # The day is over everywhere only later; before the end of it in UTC nobody may be called anyhow.
            person.quiet_until = round(dt.datetime.fromisoformat(step["promised"] + "T23:59:59+00:00").timestamp() * 1000)
        if "callback" in step:
            self.counts["callbacks asked"] += 1
            person.callback = step["callback"]

    def on_plan(self, person, step):
        person.due, person.reason, person.unexplained = step["due"], step["reason"], None
        if not step["reason"]:
            self.complain(person, step, "a plan without a reason")

    def on_law(self, person, step):
        missing = [rule for rule in step["rules"] if not self.sources.get(rule)]
        if missing or not step["rules"]:
            self.complain(person, step, f"a refusal without a source: {' '.join(missing) or 'no rule'}")

    def on_fact(self, person, step):
        self.counts[step["name"]] += 1

    def on_refusal(self, person, step):
        self.counts[f"refusals by {step['by']}"] += 1
        person.refusals += 1
        if not step["reason"]:
            return self.complain(person, step, "a refusal without a reason")
        if step["by"] == "plan":
            return None
        told = set(step["reason"].split(","))
        self.refused.update(told)
        answers = [self.ask(person, phone, step["at"]) for phone in person.phones.values()]
        if not any(decision == "deny" and rules == told and until == step.get("until") for decision, rules, until in answers):
            theirs = "; ".join(f"{' '.join(sorted(rules)) or 'allowed'} until {until and utc(until)}" for _, rules, until in answers)
            own = step.get("until")
            self.complain(person, step, f"refused by {step['reason']} until {own and utc(own)}, the reference says {theirs}")
        return None

    def finish(self):
        for person in self.people.values():
            last = {"at": max([call[0] for call in person.calls.values()], default=person.step["at"])}
            if person.open_call:
                self.complain(person, last, "a call never ended")
            if person.unexplained:
                self.complain(person, last, f"no plan after its {person.unexplained}")
            if not person.reason:
                self.complain(person, last, "nobody can say why it stands as it stands")


def read_course(path):
    with open(path, encoding="utf-8") as journal:
        head = json.loads(next(journal, "{}"))
        if head.get("step") != "course":
            sys.exit(f"{path}:1: not a journal of dunlin simulate")
        yield head
        for number, line in enumerate(journal, 2):
            try:
                yield json.loads(line)
            except json.JSONDecodeError as problem:
                sys.exit(f"{path}:{number}: {problem}")


def judged(rules, journal):
    steps = read_course(journal)
    judge = Judge(rules, next(steps))
    for step in steps:
        judge.take(step)
    judge.finish()
    return judge


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--rules", default=str(pathlib.Path(__file__).resolve().parents[1] / "config/rules"))
    parser.add_argument("--zones", type=int, default=0, help="so many zones must have been called")
    parser.add_argument("--needs", default="", help="each of these rules must have refused at least once")
    arguments = parser.parse_args()
    judge = judged(arguments.rules, arguments.journal)
    print(f"{len(judge.people)} persons, {len(judge.called_in)} zones called;", ", ".join(f"{count} {name}" for name, count in judge.counts.items()))
    print("refused by:", ", ".join(f"{rule} {count}" for rule, count in judge.refused.most_common()))
    for text in judge.violations[:MOST_SHOWN]:
        print(text)
    lacks = [rule for rule in arguments.needs.split(",") if rule and not judge.refused[rule]]
    if lacks:
        print("these rules never had a say:", " ".join(lacks))
    if len(judge.called_in) < arguments.zones:
        print(f"only {len(judge.called_in)} zones were called")
    print(f"{len(judge.violations)} violations")
    sys.exit(1 if judge.violations or lacks or len(judge.called_in) < arguments.zones else 0)


if __name__ == "__main__":
    main()
