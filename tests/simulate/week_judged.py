#!/usr/bin/env python3
"""One simulated week over eleven zones, judged by tools/judge_week.py, which shares nothing with the program; then the same
week doctored, so that the judge proves its eyes. The week holds a public holiday, a weekend and hours no law allows.

usage: week_judged.py DUNLIN [--cases N] [--seed N] [--days N]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import judge_week

DAY_MS = 86_400_000
# Before the law opens in the west, long after it has in the east, and until it has closed everywhere.
LINE = "[work]\nfrom = 03:00:00\nto = 23:00:00\ntick_s = 5\n[numbers.mobile]\nanswers = 0.4\n"
CAMPAIGN = f'mode = "predictive"\nstrategy = "{ROOT}/config/strategies/soft_collection.toml"\n'
NEEDED = ["RU-HRS-WD", "RU-HRS-NW", "RU-FRQ-C1", "RU-FRQ-C2"]


def play(program, folder, arguments):
    (folder / "line.toml").write_text(LINE)
    (folder / "campaign.toml").write_text(CAMPAIGN)
    journal = folder / "week.jsonl"
    words = [program, "simulate", "--campaign", str(folder / "campaign.toml"), "--line", str(folder / "line.toml"), "--agents", "6",
             "--cases", str(arguments.cases), "--day", "2026-11-02", "--days", str(arguments.days), "--seeds", "1",
             "--first-seed", str(arguments.seed), "--journal", str(journal), "--story", "S-0,S-1"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"week_judged: {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return journal, done.stdout


def first(steps, wanted):
    return next(number for number, step in enumerate(steps) if wanted(step))


def at_night(steps):
    """The first calls of the week are made in the morning: fifteen hours later it is night."""
    number = first(steps, lambda s: s["step"] == "call")
    steps[number]["at"] += 15 * 3_600_000
    return steps, "forbidden call"


def twice(steps):
    number = first(steps, lambda s: s["step"] == "call")
    again = {**steps[number], "attempt": "att_again"}
    return steps[:number + 1] + [again] + steps[number + 1:], "called while a call is going on"


def without_end(steps):
    number = first(steps, lambda s: s["step"] == "end")
    return steps[:number] + steps[number + 1:], "called while a call is going on"


def unplanned(steps):
    number = first(steps, lambda s: s["step"] == "case")
    person = steps[number]["case"]
    later = [{**row, "at": row["at"] + 60 * DAY_MS} for row in steps[number]["due"]]
    kept = [s for s in steps if s["case"] != person or s["step"] != "plan"]
    kept[first(kept, lambda s: s["step"] == "case" and s["case"] == person)] = {**steps[number], "due": later}
    return kept, "no plan"


def speechless(steps):
    number = first(steps, lambda s: s["step"] == "plan")
    steps[number]["reason"] = ""
    return steps, "a plan without a reason"


def other_rule(steps):
    number = first(steps, lambda s: s["step"] == "refusal" and s["by"] == "law")
    steps[number]["reason"] = "RU-FRQ-C3"
    return steps, "refused by RU-FRQ-C3"


def healed_sooner(steps):
    number = first(steps, lambda s: s["step"] == "refusal" and s["by"] == "law" and "until" in s)
    steps[number]["until"] -= 1000
    return steps, "the reference says"


def impatient(steps):
    number = first(steps, lambda s: s["step"] == "word" and "promised" in s)
    call = first(steps, lambda s: s["step"] == "call" and s["case"] == steps[number]["case"])
    again = {**steps[call], "attempt": "att_again", "at": steps[number]["at"] + 1000}
    return steps[:number + 1] + [again] + steps[number + 1:], "before the promised day"


def doctored(journal, change, folder):
    lines = journal.read_text(encoding="utf-8").splitlines()
    steps, expected = change([json.loads(line) for line in lines[1:]])
    changed = folder / "doctored.jsonl"
    changed.write_text("\n".join([lines[0]] + [json.dumps(step) for step in steps]), encoding="utf-8")
    found = judge_week.judged(ROOT / "config/rules", changed).violations
    if not any(expected in text for text in found):
        sys.exit(f"week_judged: the judge is blind: {change.__name__} was not seen; it said {found[:3]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dunlin_week_") as name:
        folder = pathlib.Path(name)
        journal, report = play(arguments.program, folder, arguments)
        if "S-0 " not in report or "  case " not in report:
            sys.exit(f"week_judged: no story was told\n{report}")
        judged = subprocess.run([sys.executable, ROOT / "tools/judge_week.py", "--journal", journal, "--zones", "11", "--needs", ",".join(NEEDED)], check=False)
        if judged.returncode != 0:
            sys.exit(judged.returncode)
        for change in (at_night, twice, without_end, unplanned, speechless, other_rule, healed_sooner, impatient):
            doctored(journal, change, folder)
    print("the week is clean, and eight doctored weeks are not")


if __name__ == "__main__":
    main()
