#!/usr/bin/env python3
"""Breaks the law engine on purpose, one small change at a time, and demands that the tests notice every one.

Each mutant is one file of core/compliance with one text replaced. The file is compiled alone with the flags of the build
folder and linked before the libraries of test_compliance, and of test_law_property when that noticed nothing. It is judged
by the table of cases, then by the tests of the engine's parts, then by the random cases (the answers of
tools/law_reference.py are made once and kept). A mutant that survives, does not compile or whose text is no longer in the
source is an error.

usage: engine_mutations.py BUILD_FOLDER [--only WORD] [--decisions N] [--jobs N]
"""
import argparse
import concurrent.futures
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = "core/compliance/"
# (program, tests, what they are), cheapest first.
STAGES = [("test_compliance", "LawCases.*", "table"), ("test_compliance", "-LawCases.*", "unit tests"),
          ("test_law_property", "LawProperty.*", "random cases")]
TIMEOUT_S = 300

# (file, text, what it becomes, what is broken)
MUTANTS = [
    # Hours and their edges.
    ("judge_hours.cpp", "second_of_day < to_s", "second_of_day <= to_s", "the closing second is open"),
    ("judge_hours.cpp", "second_of_day >= from_s", "second_of_day > from_s", "the opening second is closed"),
    ("judge_hours.cpp", "OpenHours hours{window.open_s, window.close_s}", "OpenHours hours{window.open_s, window.close_s - 1}",
     "hours end a second early"),
    ("judge_hours.cpp", "wall_instants(moment.local.day, hours.from_s, moment.at)",
     "wall_instants(moment.local.day, hours.from_s + 1, moment.at)", "the first lawful instant is a second late"),
    ("judge_hours.cpp", "moment.at + seconds(tail_s) <= end", "moment.at + seconds(tail_s) < end", "the tail is a moment longer"),
    ("judge_hours.cpp", "moment.at + delay < end", "moment.at + delay <= end", "a message may arrive at closing"),
    ("judge_hours.cpp", "hours.to_s = std::min(hours.to_s, window->close_s)", "hours.to_s = std::max(hours.to_s, window->close_s)",
     "the later of two closings counts"),
    ("judge_hours.cpp", "(window.weekdays >> weekday_of(moment.local.day) & 1)",
     "(window.weekdays >> weekday_of(moment.local.day + 1) & 1)", "windows belong to the next weekday"),
    ("judge_hours.cpp", "stated.closed_weekdays >> weekday_of(moment.local.day)",
     "stated.closed_weekdays >> weekday_of(moment.local.day + 6)", "told weekdays are off by one"),
    # Zones and clocks.
    ("contact_policy.cpp", "const Moment moment(*pack, *zone, at, question);",
     "const ZoneTable utc;\n      const Moment moment(*pack, utc, at, question);", "UTC is used instead of local time"),
    ("contact_policy.cpp", "    for (const ZoneTable* zone : candidates.zones) {\n      const Moment moment(*pack, *zone, at,",
     "    for (const ZoneTable* zone : {candidates.zones.front()}) {\n      const Moment moment(*pack, *zone, at,",
     "only the first candidate zone is asked"),
    ("contact_policy.cpp", "  for (const LawPack* pack : candidates.packs) {\n    for (const ZoneTable* zone : candidates.zones) {\n"
     "      const Moment moment(*pack, *zone, at,",
     "  for (const LawPack* pack : {candidates.packs.front()}) {\n    for (const ZoneTable* zone : candidates.zones) {\n"
     "      const Moment moment(*pack, *zone, at,", "only the first law pack is asked"),
    ("zone_table.cpp", "first_offset_s : std::prev(next)->offset_s", "first_offset_s : transitions.back().offset_s",
     "summer time is forgotten"),
    ("zone_table.cpp", "return at_wall(day, 0, offset_at(low));", "return at_wall(day, 0, first_offset_s);",
     "days begin by the zone's first offset"),
    ("zone_table.cpp", "std::lower_bound(found.begin(), found.end(), time)",
     "std::lower_bound(found.begin(), found.end(), time, [](UtcTime left, UtcTime right) { return right < left; })",
     "the second of two equal wall times is chosen (DST fold)"),
    ("zone_table.cpp", "if (next->at >= from && local(next->at).day == day) add(next->at);", "",
     "a wall time that does not exist is skipped (DST gap)"),
    ("candidate_zones.cpp", "if (is_narrowed) return;", "", "a told zone does not narrow its region"),
    ("candidate_zones.cpp", "for (const std::string& zone : pack->unknown_zones) names.add(zone);",
     "names.add(pack->unknown_zones.front());", "nothing known means one zone"),
    ("candidate_zones.cpp", "length = digits.size(); length > 0; --length", "length = 1; length <= digits.size(); ++length",
     "the shortest prefix wins: Kazakhstan becomes Russia"),
    # Calendars.
    ("rule_set.cpp", "if (days_off.count(day) != 0) return DayType::holiday;", "", "holidays are working days"),
    ("rule_set.cpp", "is_missing || years.count(civil_from_days(day).year) == 0", "is_missing", "a missing year is a known one"),
    ("rule_set.cpp", "const bool is_declared_working = is_weekend && working_weekends.count(day) != 0;",
     "const bool is_declared_working = false;", "moved working Saturdays are forgotten"),
    # Counters.
    ("judge_frequency.cpp", "case Period::day: return moment.zone.day_start(today);",
     "case Period::day: return moment.at - hours(24) + milliseconds(1);", "a day is the last 24 hours"),
    ("judge_frequency.cpp", "case Period::week: return moment.zone.day_start(today - weekday_of(today));",
     "case Period::week: return moment.zone.day_start(today - (weekday_of(today) + 1) % 7);", "the week begins on Sunday"),
    ("judge_frequency.cpp", "day_start(today - weekday_of(today) + 7)", "day_start(today - weekday_of(today) + 6)",
     "the week ends on Saturday"),
    ("judge_frequency.cpp", "day_start(days_from_civil(first_of_month(civil_from_days(today))))", "day_start(today - 30)",
     "a month is thirty days back"),
    ("judge_frequency.cpp", "case Period::rolling: return moment.at - seconds(rule.length) + milliseconds(1);",
     "case Period::rolling: return moment.at - seconds(rule.length);", "a rolling period holds its old end"),
    ("judge_frequency.cpp", "case Period::rolling: return fact + seconds(rule.length);",
     "case Period::rolling: return fact + seconds(rule.length + 1);", "a rolling period ends a second late"),
    ("judge_frequency.cpp", "day_start(today - (rule.length - 1))", "day_start(today - rule.length)", "seven dates are eight"),
    ("judge_frequency.cpp", "use->used < use->limit", "use->used <= use->limit", "one contact more than the limit"),
    ("judge_frequency.cpp", "if (++use.used == *limit) deciding = at;", "if (++use.used == 1) deciding = at;",
     "the newest fact must leave instead of the deciding one"),
    ("judge_frequency.cpp", "newest->at() < walk.at()", "walk.at() < newest->at()", "facts of several results are taken oldest first"),
    ("judge_frequency.cpp", "return oldest = at, true;", "return oldest = at, false;", "a consent ends with the last talk, not the first"),
    ("judge_frequency.cpp", "selection.pool->has(bucket.channel, bucket.result)", "selection.pool->has(Channel::call, bucket.result)",
     "pools are mixed: every channel counts as a call"),
    ("judge_frequency.cpp", "fact.party != query.party || ", "", "contacts with others count as the person's"),
    ("judge_frequency.cpp", "selection.is_per_debt && fact.debt != 0 &&", "selection.is_per_debt &&",
     "a fact without a debt counts for none"),
    ("judge_frequency.cpp", "rule.agreement == Agreement::none || question.facts.has(Fact::revoked)",
     "rule.agreement == Agreement::none", "a revoked agreement still counts"),
    ("judge_frequency.cpp", "moment.zone.day_start(day + window->dates)", "moment.zone.day_start(day + window->dates + 1)",
     "a direct consent lasts a day longer"),
    ("judge_frequency.cpp", "if (const auto first = oldest_of(talks, question)) interval.to = std::min(interval.to, *first);", "",
     "a direct consent survives a new conversation"),
    ("judge_frequency.cpp", "selection.from = moment.at - seconds(length_s) + milliseconds(1);",
     "selection.from = moment.at - seconds(length_s);", "the quiet period is a moment longer"),
    ("judge_frequency.cpp", "if (!rule.pool.has(open.channel)) continue;", "if (rule.pool.has(open.channel)) continue;",
     "a reservation of the own pool does not count"),
    ("judge_frequency.cpp", "if (exemption == nullptr) return false;", "if (exemption != nullptr) return true;",
     "a reply is free for ever"),
    # Facts.
    ("judge_facts.cpp", "std::min(date.day, last_day_of(year, month))", "date.day", "months have 31 days"),
    ("judge_facts.cpp", "date.year * 12 + date.month - 1 + months", "date.year * 12 + date.month + months",
     "month arithmetic is one month off"),
    ("judge_facts.cpp", "moment.local.day >= days_from_civil(from)", "moment.local.day > days_from_civil(from)",
     "a bar begins a day late"),
    ("judge_facts.cpp", "moment.local.day < resumes", "moment.local.day <= resumes", "a suspension lasts a day longer"),
    ("judge_facts.cpp", "refused < add_months(arrears, rule.months_after_arrears)",
     "!(add_months(arrears, rule.months_after_arrears) < refused)", "a refusal on the day itself is void"),
    ("judge_facts.cpp", "facts.has_all(rule.consents)", "facts.has_any(rule.consents)", "one of two consents is enough"),
    ("judge_facts.cpp", "!rate || *rate <= rule.limit", "!rate || *rate < rule.limit", "exactly three percent is too much"),
    ("judge_facts.cpp", "*ring_s >= rule.seconds", "*ring_s > rule.seconds", "ringing exactly long enough is too short"),
    # The joint decision.
    ("contact_policy.cpp", "decision.until = healed_at(candidates, question, decision.findings);",
     "decision.until = decision.findings.front().until;", "until is that of the first denial"),
    ("contact_policy.cpp", "if (!is_healed_by_time) return std::nullopt;", "", "what time does not heal is healed by time"),
    ("contact_policy.cpp", "*newest > query.at", "*newest >= query.at", "a fact of this very instant lies in the future"),
    ("contact_policy.cpp", "moment.local.day < rule.first_day", "moment.local.day <= rule.first_day", "a rule begins a day late"),
    ("contact_policy.cpp", "case WakingOption::strict_rolling: return question.options.strict_rolling;",
     "case WakingOption::strict_rolling: return question.options.strict_weekend;", "options are mixed up"),
    # History.
    ("contact_history.cpp", "else facts.insert(std::upper_bound(facts.begin(), facts.end(), fact.at, is_before), fact);",
     "else facts.push_back(fact);", "late facts are not put in their place"),
    ("contact_history.cpp", "newest ? std::max(*newest, at) : at", "newest ? std::min(*newest, at) : at",
     "the oldest fact is taken for the newest"),
    ("contact_policy.cpp", "return first_allowed(candidates, search, from, Scope());", "return from;",
     "until is the latest of the single rules instead of the joint one"),
]


class Bench:
    """The build folder's own commands, bent to one changed file."""

    def __init__(self, build, workshop, decisions):
        self.build, self.workshop = build, workshop
        self.environment = {**os.environ, "DUNLIN_LAW_KEEP": str(workshop / "answers"), "DUNLIN_LAW_DECISIONS": str(decisions)}
        self.compile_lines, self.link_lines = {}, {}
        for name in dict.fromkeys(name for name, _, _ in STAGES):
            commands = subprocess.run(["ninja", "-C", build, "-t", "commands", f"bin/{name}"], check=True,
                                      capture_output=True, text=True).stdout.splitlines()
            self.compile_lines.update({line.split(" -c ")[-1].strip(): line for line in commands if " -c " in line})
            self.link_lines[name] = next(line for line in reversed(commands) if f"-o bin/{name}" in line)

    def compile_command(self, source, mutant, output):
        words = shlex.split(self.compile_lines[str(source)])
        compiler = next(i for i, word in enumerate(words) if word.endswith("++"))
        words = [word for word in words[compiler:words.index("-MD")] if not word.startswith(("-O", "-W"))]
        return [*words, "-O0", "-w", "-o", str(output), "-c", str(mutant)]

    def link_command(self, name, mutated_object, output):
        line = self.link_lines[name]
        line = line.split("&&")[1].strip() if "&&" in line else line
        words = shlex.split(line)
        words[words.index("-o") + 1] = str(output)
        first_object = next(i for i, word in enumerate(words) if word.endswith(".o"))
        return words[:first_object] + [str(mutated_object)] + words[first_object:]

    def is_noticed(self, program, tests):
        try:
            run = subprocess.run([program, f"--gtest_filter={tests}", "--gtest_fail_fast"], env=self.environment,
                                 capture_output=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return True
        return run.returncode != 0


def judge(bench, number, mutant):
    """(number, fault or '', who noticed)."""
    name, text, becomes = mutant[:3]
    source = ROOT / FOLDER / name
    original = source.read_text(encoding="utf-8")
    if original.count(text) != 1:
        return f"the text is in {name} {original.count(text)} times: {text}", ""
    changed = bench.workshop / f"{number}_{name}"
    changed.write_text(original.replace(text, becomes), encoding="utf-8")
    mutated = changed.with_suffix(".o")
    made = subprocess.run(bench.compile_command(source, changed, mutated), cwd=bench.build, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return "does not compile: " + made.stderr.strip()[:400], ""
    programs = {}
    try:
        for name, tests, what in STAGES:
            if name not in programs:
                programs[name] = changed.with_suffix("." + name)
                subprocess.run(bench.link_command(name, mutated, programs[name]), cwd=bench.build, check=True)
            if bench.is_noticed(programs[name], tests):
                return "", what
        return "SURVIVED", ""
    finally:
        for file in [mutated, *programs.values()]:
            file.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    mutants = [m for m in MUTANTS if arguments.only in m[0] + " " + m[3]]
    faults = 0
    with tempfile.TemporaryDirectory(prefix="dunlin_mutants_") as folder:
        bench = Bench(str(pathlib.Path(arguments.build).resolve()), pathlib.Path(folder), arguments.decisions)
        for name, tests, what in STAGES:
            if bench.is_noticed(pathlib.Path(bench.build) / "bin" / name, tests):
                sys.exit(f"the unchanged engine does not pass its {what}")
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for mutant, (fault, by) in zip(mutants, pool.map(lambda pair: judge(bench, *pair), enumerate(mutants))):
                print(f"{'FAULT ' if fault else 'caught'} {mutant[0]}: {mutant[3]}" + (f" [{by}]" if by else f" -- {fault}"), flush=True)
                faults += bool(fault)
    print(f"engine mutants: {len(mutants)}, caught {len(mutants) - faults}")
    return 1 if faults or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
