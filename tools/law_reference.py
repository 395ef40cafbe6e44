#!/usr/bin/env python3
"""Second opinion on the law packs: judges a table of cases straight from the TOML text of config/rules.

It shares no code and no table with the program. Where the program steps from denial to denial to find the first lawful
instant, this evaluator asks at every instant at which anything can change. Slow, plain, standard library only.

usage: law_reference.py --rules config/rules --cases cases.csv   (writes id,decision,rule_id,until)
"""
import argparse
import bisect
import csv
import datetime as dt
import pathlib
import sys
import tomllib
import zoneinfo

HORIZON_DAYS = 100
DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CONTRADICTION = [{"mobile", "landline"}]
DATES = {"bankrupt_from", "arrears_from", "refused_at", "judgment_in_force", "direct_consent_at"}
NEVER_HEALS = {"person_flag", "caller_id", "disclosure", "recording", "mass_call", "organisation_channel", "third_party",
               "medium_optout", "consent", "abandon_limit", "ring_time", "in_flight"}
ZONES = {}


def zone_of(name):
    """The zone, or None when tzdata does not know the name."""
    if name not in ZONES:
        try:
            ZONES[name] = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            ZONES[name] = None
    return ZONES[name]


def instant(text):
    return round(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def local(at, zone):
    return dt.datetime.fromtimestamp(at // 1000, zone)


def start_of(day, zone, second=0):
    wall = dt.datetime(day.year, day.month, day.day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone)
    return int(wall.timestamp()) * 1000


def second_of_day(time):
    return time.hour * 3600 + time.minute * 60 + time.second


def add_months(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (after - dt.timedelta(1)).day))


class Law:
    """All files of the folder, as they are written."""

    def __init__(self, folder):
        self.packs, self.calendars, self.regions, self.prefixes = {}, {}, {}, {}
        self.countries, self.zone_packs = {}, {}
        for path in sorted(pathlib.Path(folder).glob("*.toml")):
            text = tomllib.loads(path.read_text(encoding="utf-8"))
            if "pack" in text:
                self.packs[text["pack"]["id"]] = text
            if "calendar" in text:
                self.calendars[text["calendar"]["id"]] = text
            for entry in text.get("prefix", []):
                self.prefixes[entry["digits"]] = entry
            if "regions" in text:
                self.read_regions(text)

    def read_regions(self, text):
        pack = text["regions"]["jurisdiction"]
        for country in text["regions"]["countries"]:
            self.countries[country] = pack
        for region in text.get("region", []):
            self.regions[region["id"]] = region["zones"]
            for zone in region["zones"]:
                self.zone_packs.setdefault(zone, pack)

    def day_type(self, pack, day, regions, is_missing):
        weekend = day.weekday() > 4
        if pack["pack"]["calendar"] == "none":
            return "weekend" if weekend else "working"
        calendar = self.calendars[pack["pack"]["calendar"]]
        year = [y for y in calendar["year"] if y["year"] == day.year]
        if is_missing or not year:
            return "unknown"
        if day in year[0]["days_off"]:
            return "holiday"
        declared = day in year[0]["working_weekends"]
        if weekend and not declared:
            return "weekend"
        for entry in calendar.get("regional", []):
            if entry["region"] in regions and day in entry["days_off"]:
                return "regional_holiday"
        return "working_weekend" if declared else "working"


class Case:
    """One row of the table."""

    def __init__(self, row):
        self.row = row
        self.at = instant(row["attempt_at"])
        self.channel, self.party_kind = row["channel"], row["counterparty"]
        self.words, self.values = set(), {}
        for flag in filter(None, (f.strip() for f in row["flags"].split(";"))):
            name, _, value = flag.partition("=")
            if value:
                self.values[name] = value
            else:
                self.words.add(name)
        if "prerecorded_oneway" in self.words:
            self.channel = "voice_message"
        if "direct_consent_at" in self.values:
            self.words.add("direct_consent")
        self.dates = {k: dt.date.fromisoformat(v) for k, v in self.values.items() if k in DATES}
        self.facts = sorted((self.read_item(i) for i in row["history"].split(";") if i.strip()), key=lambda f: f["at"])
        self.closed = {d.lower() for d in self.values.get("inconvenient_dow", "").split("|") if d}
        self.from_s = self.wall("not_before", self.wall("inconvenient_before", 0))
        self.to_s = self.wall("not_after", self.wall("inconvenient_after", 86400))

    @staticmethod
    def read_item(item):
        words = item.split()
        keys = dict(w.split("=", 1) for w in words[3:])
        return {"at": instant(words[0]), "channel": words[1], "result": words[2], **keys}

    def wall(self, name, fallback):
        return second_of_day(dt.time.fromisoformat(self.values[name])) if name in self.values else fallback

    def optouts(self):
        words = {w for w in self.values.get("optout", "").replace(",", "|").split("|") if w}
        return words | ({"call", "robot_call", "voice_message"} if words & {"call", "phone"} else set())


def packs_and_zones(law, case):
    """(packs, zones) or the text of a problem."""
    phone = case.values.get("phone", "")
    digits = phone[1:] if phone.startswith("+") else ""
    prefix = next((law.prefixes[digits[:n]] for n in range(len(digits), 0, -1) if digits[:n] in law.prefixes), None)
    told = [z for z in case.row["local_zone"].split("|") if z and z != "Etc/Unknown"]
    regions = [r for r in case.values.get("region", "").split("|") if r]
    names = [p for p in case.row["jurisdiction"].split("|") if p]
    if not names:
        names = [law.countries.get(r.split("-")[0], r) for r in regions]
        names += [law.zone_packs[z] for z in told if z in law.zone_packs]
        names += [prefix["jurisdiction"]] if prefix else []
        names = list(dict.fromkeys(names))
    if not names or any(n not in law.packs for n in names):
        return "no pack"
    zones = list(told)
    for region in regions:
        known = law.regions.get(region)
        if known is None:
            zones += [] if told else [region]
        elif not set(known) & set(told):
            zones += known
    if not zones and prefix and prefix.get("region"):
        zones = law.regions[prefix["region"]]
    if not zones:
        zones = [z for n in names for z in law.packs[n]["pack"]["unknown_zones"]]
    zones = list(dict.fromkeys(zones))
    if not zones or any(zone_of(z) is None for z in zones):
        return "no zone"
    return [law.packs[n] for n in names], [zone_of(z) for z in zones]


class Judge:
    """One case under one pack in one zone."""

    def __init__(self, law, case, pack, zone):
        self.law, self.case, self.pack, self.zone = law, case, pack, zone
        groups = pack["channel_groups"]
        self.channels = lambda words: {c for w in words for c in groups.get(w, [w])}
        self.pools = {p["name"]: {(c, r) for g in p["facts"] for c in self.channels(g["channels"]) for r in g["results"]}
                      for p in pack["pool"]}
        self.day_types = {}
        self.rules = [r for r in pack["rule"] if case.channel in self.channels(r["channels"])
                      and case.party_kind in r.get("counterparties", [case.party_kind])
                      and r.get("option", "") in case.words | {""}]

    def in_force(self, rule, day):
        return rule["valid_from"] <= day <= rule.get("valid_to", day)

    def rule_of_kind(self, kind, at):
        day = local(at, self.zone).date()
        return next((r for r in self.rules if r["kind"] == kind and self.in_force(r, day)), None)

    def is_day_of(self, rule, day):
        if day not in self.day_types:
            regions = self.case.values.get("region", "").split("|")
            self.day_types[day] = self.law.day_type(self.pack, day, regions, "calendar_missing" in self.case.words)
        return self.day_types[day] in rule["day_types"] and DAY_NAMES[day.weekday()] in rule.get("weekdays", DAY_NAMES)

    def hours(self, day):
        """(from, to) of all windows of the date; None when the pack has hours but none for the date."""
        windows = [r for r in self.rules if r["kind"] == "calling_window"]
        today = [r for r in windows if self.in_force(r, day) and self.is_day_of(r, day)]
        has_any = any(r["kind"] == "calling_window" and self.case.channel in self.channels(r["channels"])
                      for r in self.pack["rule"])
        if not today:
            return None if has_any else (0, 86400)
        spans = [(0, 0) if r.get("closed") else (second_of_day(r["open"]), second_of_day(r["close"])) for r in today]
        return max(s[0] for s in spans), min(s[1] for s in spans)

    def allows(self, rule, at):
        wall = local(at, self.zone)
        if not self.in_force(rule, wall.date()):
            return True
        return getattr(self, "on_" + rule["kind"])(rule, at, wall)

    # Hours.
    def on_calling_window(self, rule, at, wall):
        if not self.is_day_of(rule, wall.date()):
            return True
        return not rule.get("closed") and second_of_day(rule["open"]) <= second_of_day(wall) < second_of_day(rule["close"])

    def ends_inside(self, at, wall, delay_ms, may_touch):
        span = self.hours(wall.date())
        if span is None or not span[0] <= second_of_day(wall) < span[1]:
            return True
        if span[1] == 86400:
            end = start_of(wall.date() + dt.timedelta(1), self.zone)
        else:
            end = start_of(wall.date(), self.zone, span[1])
        return at + delay_ms <= end if may_touch else at + delay_ms < end

    def on_window_tail(self, rule, at, wall):
        tail = self.case.values.get("policy_tail_s")
        return tail is None or self.ends_inside(at, wall, int(tail) * 1000, True)

    def on_delivery_window(self, rule, at, wall):
        delivery = self.case.values.get("expected_delivery")
        return delivery is None or self.ends_inside(at, wall, instant(delivery) - self.case.at, False)

    def on_stated_times(self, rule, at, wall):
        return DAY_NAMES[wall.weekday()] not in self.case.closed and self.case.from_s <= second_of_day(wall) < self.case.to_s

    # Counters.
    def matching(self, pool, until, debt=False, number=False):
        case = self.case
        for fact in case.facts:
            if fact["at"] > until or (fact["channel"], fact["result"]) not in pool:
                continue
            if fact.get("to", "") != case.values.get("to", ""):
                continue
            if debt and fact.get("debt") and case.values.get("debt") and fact["debt"] != case.values["debt"]:
                continue
            if number and fact.get("num") and case.values.get("num") and fact["num"] != case.values["num"]:
                continue
            yield fact

    def in_period(self, rule, fact_at, at, wall):
        day, today = local(fact_at, self.zone).date(), wall.date()
        match rule["period"]:
            case "day":
                return day == today
            case "week":
                return day.isocalendar()[:2] == today.isocalendar()[:2]
            case "month":
                return (day.year, day.month) == (today.year, today.month)
            case "rolling":
                return at - fact_at < rule["length_s"] * 1000
            case "dates":
                return (today - day).days < rule["length_days"]
            case "lifetime":
                return True
        raise ValueError(rule["period"])

    def consent_span(self, rule, at):
        start = self.case.dates.get("direct_consent_at")
        if not rule.get("uses_direct_consent") or start is None or "revoked" in self.case.words:
            return None
        window = self.rule_of_kind("consent_window", at)
        if window is None:
            return None
        end = start_of(start + dt.timedelta(window["length_days"]), self.zone)
        for talk in self.matching(self.pools[window["ended_by"]], at, rule.get("per_debt", False)):
            if local(talk["at"], self.zone).date() > start:
                end = min(end, talk["at"])
        return start_of(start, self.zone), end

    def is_reply(self, at):
        window = self.rule_of_kind("reply_exemption", at)
        if window is None or "reply_to_inbound" not in self.case.words:
            return False
        pool = {(self.case.channel, "inbound"), (self.case.channel, "inbound_unanswered")}
        return any(at - f["at"] <= window["within_s"] * 1000 for f in self.matching(pool, at))

    def limit_of(self, rule, wall):
        if "limit_option" in rule:
            value = self.case.values.get("policy_" + rule["limit_option"])
            return None if value is None else int(value)
        agreed = self.case.values.get("agreement_" + rule["agreement"]) if "agreement" in rule else None
        has_rule = any(r["kind"] == "agreement" and self.in_force(r, wall.date()) for r in self.rules)
        if agreed is None or "revoked" in self.case.words or not has_rule:
            return rule["limit"]
        return int(agreed.split("/")[["day", "week", "month"].index(rule["period"])])

    def on_frequency(self, rule, at, wall):
        words = self.case.words
        limit = self.limit_of(rule, wall)
        if limit is None or not set(rule.get("requires_facts", [])) <= words:
            return True
        if set(rule.get("exempt_facts", [])) & words and "revoked" not in words:
            return True
        if rule.get("can_reply") and self.is_reply(at):
            return True
        consent = self.consent_span(rule, at)
        if consent and consent[0] <= at < consent[1]:
            return True
        used = 0
        for fact in self.matching(self.pools[rule["pool"]], at, rule.get("per_debt", False)):
            is_skipped = rule.get("skips_consented") and consent and consent[0] <= fact["at"] < consent[1]
            used += not is_skipped and self.in_period(rule, fact["at"], at, wall)
        return used < limit

    def on_quiet_period(self, rule, at, wall):
        if set(rule.get("unless", [])) & self.case.words:
            return True
        length = rule.get("seconds") or int(self.case.values.get("policy_" + rule["seconds_option"], 0))
        facts = self.matching(self.pools[rule["pool"]], at, number=rule.get("per_number", False))
        return all(at - fact["at"] >= length * 1000 for fact in facts)

    def on_in_flight(self, rule, at, wall):
        pool = self.channels(rule["channels"])
        return not any(f["result"] == "in_flight" and f["channel"] in pool for f in self.case.facts)

    # Facts.
    def on_person_flag(self, rule, at, wall):
        words = self.case.words
        since = self.case.dates.get(rule.get("from_date"))
        is_flagged = set(rule.get("all", [])) <= words
        if "any" in rule or "implied_channels" in rule:
            is_flagged = is_flagged and bool(set(rule.get("any", [])) & words
                                             or self.case.channel in self.channels(rule.get("implied_channels", [])))
        is_flagged = is_flagged or (since is not None and wall.date() >= since)
        return not is_flagged or bool(set(rule.get("unless", [])) & words)

    on_caller_id = on_disclosure = on_recording = on_mass_call = on_person_flag

    def on_organisation_channel(self, rule, at, wall):
        is_one = self.case.values.get("organisation", "unknown") in rule["organisations"]
        return not (is_one and set(rule["all"]) <= self.case.words)

    def on_third_party(self, rule, at, wall):
        words = self.case.words
        if set(rule.get("silent_facts", []) + rule.get("open_facts", [])) & words:
            return True
        return bool(rule["consents"]) and set(rule["consents"]) <= words and "revoked" not in words

    def on_refusal(self, rule, at, wall):
        refused, arrears = self.case.dates.get("refused_at"), self.case.dates.get("arrears_from")
        judgment = self.case.dates.get("judgment_in_force")
        if refused is None and "refused" not in self.case.words:
            return True
        if refused and (wall.date() < refused or (arrears and refused < add_months(arrears, rule["months_after_arrears"]))):
            return True
        return judgment is not None and judgment <= wall.date() < add_months(judgment, rule["suspended_months"])

    def on_medium_optout(self, rule, at, wall):
        return self.case.channel not in self.case.optouts()

    def on_consent(self, rule, at, wall):
        words = self.case.words
        if set(rule.get("unless", []) + rule["consents"]) & words:
            return True
        is_asked = set(rule.get("only_when", [])) & words or self.case.channel in self.channels(rule.get("implied_channels", []))
        return not is_asked

    def on_abandon_limit(self, rule, at, wall):
        rate = self.case.values.get(rule["rate"])
        return rate is None or float(rate) <= rule["limit_percent"] or not set(rule.get("all", [])) <= self.case.words

    def on_ring_time(self, rule, at, wall):
        return int(self.case.values.get("ring_s", rule["seconds"])) >= rule["seconds"]

    def on_reply_exemption(self, rule, at, wall):
        return True

    on_consent_window = on_agreement = on_reply_exemption

    def changes(self):
        """Every instant within the horizon at which an answer of this pack in this zone can change."""
        first = local(self.case.at, self.zone).date()
        walls = {0, self.case.from_s} | {second_of_day(r["open"]) for r in self.rules if "open" in r}
        found = {start_of(first + dt.timedelta(n), self.zone, s) for n in range(HORIZON_DAYS) for s in walls}
        lengths = {r.get("length_s") or r.get("seconds") or 0 for r in self.rules}
        lengths |= {int(self.case.values.get("policy_" + r["seconds_option"], 0)) for r in self.rules if "seconds_option" in r}
        return found | {f["at"] + length * 1000 for f in self.case.facts for length in lengths}


def denying(judges, at):
    """(judge, rule or None) of everything that denies."""
    found = []
    for judge in judges:
        if judge.hours(local(at, judge.zone).date()) is None:
            found.append((judge, None))
        found += [(judge, rule) for rule in judge.rules if not judge.allows(rule, at)]
    return found


def first_lawful(judges, at, denials):
    if any(rule is None or rule["kind"] in NEVER_HEALS or rule.get("period") == "lifetime" for _, rule in denials):
        return None
    suspects = list(denials)
    instants = sorted(set().union(*(judge.changes() for judge in judges)))
    for candidate in instants[bisect.bisect_right(instants, at):]:
        if any(not judge.allows(rule, candidate) for judge, rule in suspects):
            continue
        new = denying(judges, candidate)
        if not new:
            return candidate
        suspects = new + [s for s in suspects if s not in new]
    return None


def is_contradictory(case):
    if any(pair <= case.words for pair in CONTRADICTION) or case.from_s >= case.to_s:
        return True
    delivery = case.values.get("expected_delivery")
    return (delivery and instant(delivery) < case.at) or ("spouse" in case.words and case.party_kind == "debtor")


def judge_case(law, row):
    """(decision, rule ids, until)."""
    case = Case(row)
    found = packs_and_zones(law, case)
    if isinstance(found, str):
        return "deny", "GEN-03", ""
    packs, zones = found
    if is_contradictory(case):
        return "deny", "GEN-03", ""
    if case.facts and case.facts[-1]["at"] > case.at:
        return "deny", "GEN-03", written(case.facts[-1]["at"], zones[0])
    judges = [Judge(law, case, pack, zone) for pack in packs for zone in zones]
    denials = denying(judges, case.at)
    if not denials:
        return "allow", "", ""
    ids = list(dict.fromkeys("GEN-03" if rule is None else rule["id"] for _, rule in denials))
    until = first_lawful(judges, case.at, denials)
    return "deny", " ".join(ids), "" if until is None else written(until, zones[0])


def written(at, zone):
    wall = dt.datetime.fromtimestamp(at / 1000, zone)
    return wall.isoformat(timespec="milliseconds" if at % 1000 else "seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--cases", required=True)
    arguments = parser.parse_args()
    law = Law(arguments.rules)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "decision", "rule_id", "until"])
    with open(arguments.cases, newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            out.writerow([row["id"], *judge_case(law, row)])


if __name__ == "__main__":
    main()
