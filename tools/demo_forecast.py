"""The demo beside `dunlin simulate`: the same agents, mode, line and times in twenty simulated courses.

The line is told by what the carrier drew (who was called in truth), by the demo's own calls (how long it rang, was
classified, by which errors, and talked) and by the robots (their wrap-up), so that the pacing and the order of luck are left
to differ. Pure but for simulate(), which runs the program.
"""
import collections
import datetime as dt
import json
import math
import re
import statistics
import subprocess

import judge

SEEDS = 20
# The live figure, the name in the report of `dunlin simulate`, what it is.
FIGURES = [("attempts", "attempts", "attempts"), ("humans", "live", "persons, as classified"), ("connected", "connected", "brought to an agent"),
           ("abandoned", "abandoned", "abandoned"), ("abandon_rate", "abandon_share", "abandoned, share"),
           ("occupancy", "occupancy", "occupancy"), ("idle_p50", "idle_p50_s", "idle between calls, median s"),
           ("idle_p95", "idle_p95_s", "idle between calls, 95 % s")]


def seconds_between(row, first, second):
    if not row.get(first) or not row.get(second):
        return None
    return (dt.datetime.fromisoformat(row[second]) - dt.datetime.fromisoformat(row[first])).total_seconds()


def middle(values, fallback):
    known = [value for value in values if value is not None and value > 0]
    return statistics.median(known) if known else fallback


def spread(values):
    """Standard deviation of the log; 0 with less than two."""
    known = [math.log(value) for value in values if value is not None and value > 0]
    return min(2.0, statistics.pstdev(known)) if len(known) > 1 else 0.0


# What the carrier may draw, as `dunlin simulate` tells endings apart; everything else is nobody at home.
MACHINES = ("machine", "fax", "silence", "screening", "answered_announcement")
BUSY = ("busy", "reject", "announcement")
# A machine that picks up sooner than this is a phone switched off.
AT_ONCE_S = 3.0
# `dunlin simulate` adds it to every set-up.
LEAST_SETUP_S = 0.3
# A node does not know when its shift ends (docs/pacing.md).
NODE_WINDOW_S = 4 * 3600


def share(count, whole):
    return count / whole if whole > 0 else 0.0


def drawn(events):
    """Attempt -> what its called party was in truth, from the carrier's log."""
    plans = {}
    for event in events:
        leg = judge.leg_of(event.get("call_id", "")) if event.get("event") == "plan" else None
        if leg:
            plans[leg[0]] = event["outcome"].partition(":")[0]
    return plans


def mix_of(fates):
    """(persons, machines of the others, busy of the others, invalid, failures) of what was drawn, as shares."""
    count = collections.Counter(fates)
    whole = sum(count.values())
    invalid, failures, persons = count["invalid"], count["congestion"], count["person"]
    rung = whole - invalid - failures
    others = rung - persons
    machines, busy = sum(count[name] for name in MACHINES), sum(count[name] for name in BUSY)
    return share(persons, rung), share(machines, others), share(busy, others), share(invalid, whole), share(failures, whole)


def classified(attempts, fates):
    """(persons taken for machines, machines taken for persons, persons who hung up before a verdict), as shares."""
    persons, machines = [], []
    for row in attempts:
        fate = fates.get(row.get("attempt"))
        if row.get("answered_at") and fate == "person":
            persons.append(row)
        elif row.get("answered_at") and fate in MACHINES:
            machines.append(row)
    live = lambda row: bool(row.get("bridged_at")) or row.get("outcome") == "abandoned"
    mistaken = sum(row.get("outcome") in ("machine", "fax") for row in persons)
    gone = sum(not live(row) and row.get("outcome") not in ("machine", "fax") for row in persons)
    return share(mistaken, len(persons)), share(sum(map(live, machines)), len(machines)), share(gone, len(persons))


def wrap_times(events, text):
    """(median, spread of the log) of the robots' wrap-ups; of their range of seconds, like "2-6", when none was seen."""
    began, spans = {}, []
    for event in events:
        if event.get("event") != "state":
            continue
        if event["from"] == "wrap_up" and event["user"] in began:
            spans.append((event["ts"] - began.pop(event["user"])) / 1000)
        if event["to"] == "wrap_up":
            began[event["user"]] = event["ts"]
    if spans:
        return middle(spans, 0.0), spread(spans)
    least, most = (float(word) for word in text.split("-"))
    return (least + most) / 2, math.log(most / least) / 4 if least > 0 else 0.0


def machine_times(attempts):
    """(share picked up at once, ring of the others, verdict) of machines that were known as such."""
    known = [row for row in attempts if row.get("outcome") in ("machine", "fax") and row.get("answered_at")]
    rings = [seconds_between(row, "ringing_at", "answered_at") or 0.0 for row in known]
    late = [ring for ring in rings if ring >= AT_ONCE_S]
    verdicts = [seconds_between(row, "answered_at", "ended_at") for row in known]
    return share(len(rings) - len(late), len(rings)), max(3.5, middle(late, 16)), min(5, max(0.1, middle(verdicts, 2.2)))


def line_file(attempts, fates, wrap, minutes):
    """The line as a TOML text for `dunlin simulate --line`. `fates`: as drawn() tells them; `wrap`: as wrap_times()."""
    talked = [row for row in attempts if row.get("bridged_at")]
    rings = [seconds_between(row, "ringing_at", "answered_at") for row in talked]
    talks = [seconds_between(row, "bridged_at", "ended_at") for row in talked]
    setups = [seconds_between(row, "invited_at", "ringing_at") for row in attempts]
    verdicts = [seconds_between(row, "answered_at", "bridged_at") for row in talked]
    persons, machines, busy, invalid, failures = mix_of(fates.values())
    person_as_machine, machine_as_person, hangs_up = classified(attempts, fates)
    at_once, machine_ring, machine_verdict = machine_times(attempts)
    end = 12 * 3600 + round(minutes * 60)
    numbers = "".join(f"""[numbers.{name}]
answers = {persons:.4f}
machines = {machines:.4f}
busy = {busy:.4f}
invalid = {invalid:.4f}
ring_s = {max(0.5, middle(rings, 7)):.2f}
""" for name in ("mobile", "home", "work", "other"))
    parties = ("wrong_s", "third_s", "right_s", "promise_s", "machine_s")
    times = "".join(f"[{table}]\n" + "".join(f"{party} = {value:.2f}\n" for party in parties) + f"spread = {sigma:.3f}\n"
                    for table, value, sigma in (("talk", max(1, middle(talks, 10)), spread(talks)), ("wrap", *wrap)))
    return f"""[work]
from = 12:00:00
to = {end // 3600:02}:{end // 60 % 60:02}:{end % 60:02}
tick_s = 0.2
budget_window_s = {NODE_WINDOW_S}
[line]
channels = 60
calls_per_second = 20.0
setup_s = {max(0.1, middle(setups, 0.5) - LEAST_SETUP_S):.2f}
ring_spread = {spread(rings):.3f}
failures = {failures:.4f}
machines_at_once = {at_once:.4f}
machine_ring_s = {machine_ring:.2f}
{numbers}[people]
spread = 0.0
hour_factors = [{', '.join(['1'] * 24)}]
[classifier]
person_as_machine = {person_as_machine:.4f}
machine_as_person = {machine_as_person:.4f}
hangs_up = {hangs_up:.4f}
person_s = {min(5, max(0.1, middle(verdicts, 1.1))):.2f}
machine_s = {machine_verdict:.2f}
[agents]
spread = 0.0
late_s = 0
{times}"""


def occupancy(attempts, wrap_s, agents):
    """Talk and wrap-up of all agents over their presence, from the first call to the end of the last one.

    The node's own figure leaves out the waits nobody has ended yet, which weigh in a run of minutes."""
    starts = [dt.datetime.fromisoformat(row["invited_at"]) for row in attempts if row.get("invited_at")]
    ends = [dt.datetime.fromisoformat(row["ended_at"]) for row in attempts if row.get("ended_at")]
    talks = [seconds_between(row, "bridged_at", "ended_at") for row in attempts]
    known = [talk for talk in talks if talk is not None]
    if not starts or not ends or agents == 0:
        return None
    present = agents * (max(ends) - min(starts)).total_seconds()
    return (sum(known) + len(known) * wrap_s) / present if present > 0 else None


def simulate(program, folder, line, options):
    """Metrics by name, from `dunlin simulate`. SystemExit with its words when it refuses."""
    path = folder / "forecast_line.toml"
    path.write_text(line)
    words = [str(program), "-o", "json", "simulate", "--line", str(path), "--agents", str(options["agents"]), "--mode", options["mode"],
             "--cases", str(options["cases"]), "--day", options["day"], "--seeds", str(SEEDS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600)
    # 1: a seed beyond the budget by one person, as short shifts have it; the figures stand.
    if done.returncode not in (0, 1):
        raise SystemExit(f"demo: `dunlin simulate` failed ({done.returncode}): {done.stderr.strip()}")
    return json.loads(done.stdout)["metrics"]


def number_of(text):
    """ "56.1%", "3.2 s", "850 ms" and numbers; shares as shares, spans in seconds. None: not known."""
    if isinstance(text, (int, float)):
        return float(text)
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?) ?(%|ms|s|)", str(text or ""))
    return float(match[1]) * {"%": 0.01, "ms": 0.001}.get(match[2], 1) if match else None


def shown(name, value):
    return f"{100 * value:.1f} %" if name in ("abandon_rate", "occupancy") else f"{value:.1f}" if "idle" in name else f"{value:.0f}"


def beside(live, metrics):
    """Lines of the table and one sentence about the difference."""
    lines = [f"  {'':<30} {'live':>9} {'simulated':>10} {'95 %':>10}   {'all courses':>17}"]
    outside = []
    for live_name, name, label in FIGURES:
        value, told = number_of(live.get(live_name)), metrics[name]
        interval = "" if told["ci95"] is None else "± " + shown(live_name, told["ci95"])
        span = f"{shown(live_name, told['min'])} – {shown(live_name, told['max'])}"
        lines.append(f"  {label:<30} {'-' if value is None else shown(live_name, value):>9} {shown(live_name, told['mean']):>10} {interval:>10}   {span:>17}")
        # One live course is one draw: it belongs within the courses, not within the interval of their mean.
        if value is not None and not told["min"] <= value <= told["max"]:
            outside.append(f"{label} {'above' if value > told['max'] else 'below'}")
    verdict = "every live figure lies within the simulated courses" if not outside else "outside the simulated courses: " + ", ".join(outside)
    return lines, f"{verdict} ({SEEDS} courses of the same agents, mode, answers and times; not simulated: the way of the messages, the agents' phones)"
