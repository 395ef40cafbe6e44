#!/usr/bin/env python3
"""Second opinion on the law packs: judges a table of cases straight from the TOML text of config/rules.

It shares no code and no table with the program. Where the program steps from denial to denial to find the first lawful
instant, this evaluator asks at every instant at which anything can change. Standard library only.

A row may ask about many contacts of one history: attempt_at and channel then hold several values joined by "|" and every
pair of them is one decision, judged by the part of the history that is not later than its instant. Such a row's
expected_delivery is a delay after the first instant, so it moves along.

usage: law_reference.py --rules config/rules --cases cases.csv [--brief]
  writes id,decision,rule_id,until; --brief leaves out the header and writes instants as milliseconds since 1970
"""
import argparse
import bisect
import csv
import datetime as dt
import pathlib
import sys
import tomllib
import zoneinfo

HORIZON_DAYS = 250  # Longer than a summer time: hours of far zones may meet in winter only.
DAY_MS = 86_400_000
DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CONTRADICTION = [{"mobile", "landline"}]
DATES = {"bankrupt_from", "arrears_from", "refused_at", "judgment_in_force", "direct_consent_at"}
# What such a rule says holds for a whole date of the zone (given the history), so it is asked once per date.
BY_DATE = {"person_flag", "caller_id", "disclosure", "recording", "mass_call", "organisation_channel", "third_party",
           "medium_optout", "consent", "abandon_limit", "ring_time", "in_flight", "refusal", "agreement",
           "consent_window", "reply_exemption"}
# These do not look at the history either, so they are asked once per case.
BY_CASE = BY_DATE - {"refusal", "in_flight"}
NEVER_HEALS = {"person_flag", "caller_id", "disclosure", "recording", "mass_call", "organisation_channel", "third_party",
               "medium_optout", "consent", "abandon_limit", "ring_time", "in_flight"}
ZONES = {}
STARTS = {}


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
    key = (day, zone.key, second)
    if key not in STARTS:
        wall = dt.datetime(day.year, day.month, day.day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone)
        STARTS[key] = int(wall.timestamp()) * 1000
    return STARTS[key]


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
        self.day_types, self.chosen = {}, {}
        for path in sorted(pathlib.Path(folder).glob("*.toml")):
            text = tomllib.loads(path.read_text(encoding="utf-8"))
            if "pack" in text:
                self.packs[text["pack"]["id"]] = self.read_pack(text)
            if "calendar" in text:
                self.calendars[text["calendar"]["id"]] = text
            for entry in text.get("prefix", []):
                self.prefixes[entry["digits"]] = entry
            if "regions" in text:
                self.read_regions(text)

    def read_pack(self, text):
        groups = text["channel_groups"]

        def channels(words):
            return frozenset(c for w in words for c in groups.get(w, [w]))

        text["pools"] = {p["name"]: frozenset((c, r) for g in p["facts"] for c in channels(g["channels"]) for r in g["results"])
                         for p in text["pool"]}
        for rule in text["rule"]:
            rule["of_channels"] = channels(rule["channels"])
            rule["implied"] = channels(rule.get("implied_channels", []))
            if rule["kind"] == "calling_window":
                is_closed = rule.get("closed", False)
                rule["hours"] = (0, 0) if is_closed else (second_of_day(rule["open"]), second_of_day(rule["close"]))
        return text

    def rules_for(self, pack, channel, party_kind, words):
        """Rules of the pack that speak about such a contact, in the order of the pack."""
        options = frozenset(words & {"strict_weekend", "strict_rolling"})
        key = (pack["pack"]["id"], channel, party_kind, options)
        if key not in self.chosen:
            self.chosen[key] = [r for r in pack["rule"] if channel in r["of_channels"]
                                and party_kind in r.get("counterparties", [party_kind])
                                and r.get("option", "") in options | {""}]
        return self.chosen[key]

    def read_regions(self, text):
        pack = text["regions"]["jurisdiction"]
        for country in text["regions"]["countries"]:
            self.countries[country] = pack
        for region in text.get("region", []):
            self.regions[region["id"]] = region["zones"]
            for zone in region["zones"]:
                self.zone_packs.setdefault(zone, pack)

    def day_type(self, pack, day, regions, is_missing):
        key = (pack["pack"]["id"], day, regions, is_missing)
        if key not in self.day_types:
            self.day_types[key] = self.read_day_type(pack, day, regions, is_missing)
        return self.day_types[key]

    def read_day_type(self, pack, day, regions, is_missing):
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
        self.instants = [instant(at) for at in row["attempt_at"].split("|")]
        self.at = self.instants[0]
        self.asked_channels = row["channel"].split("|")
        self.speaking = {}
        self.is_single = len(self.instants) == 1 and len(self.asked_channels) == 1
        self.party_kind = row["counterparty"]
        self.words, self.values = set(), {}
        for flag in filter(None, (f.strip() for f in row["flags"].split(";"))):
            name, _, value = flag.partition("=")
            if value:
                self.values[name] = value
            else:
                self.words.add(name)
        if "prerecorded_oneway" in self.words:
            self.asked_channels = ["voice_message"]
        if "direct_consent_at" in self.values:
            self.words.add("direct_consent")
        self.dates = {k: dt.date.fromisoformat(v) for k, v in self.values.items() if k in DATES}
        self.regions = tuple(self.values.get("region", "").split("|"))
        delivery = self.values.get("expected_delivery")
        self.delay = None if delivery is None else instant(delivery) - self.at
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
    """One channel of one case, as far as its history is known, under one pack in one zone."""

    def __init__(self, law, case, channel, facts, pack, zone):
        self.law, self.case, self.pack, self.zone = law, case, pack, zone
        self.channel, self.facts = channel, facts
        self.rules = law.rules_for(pack, channel, case.party_kind, case.words)
        self.found, self.plans = {}, {}
        self.speaking = self.speaking_rules()

    def speaking_rules(self):
        """The rules without those that allow this case whatever the instant and the history."""
        key = (self.pack["pack"]["id"], self.channel)
        if key not in self.case.speaking:
            wall = local(self.case.at, self.zone)
            self.case.speaking[key] = [r for r in self.rules if r["kind"] not in BY_CASE or "from_date" in r
                                       or not self.allows(r, self.case.at, wall)]
        return self.case.speaking[key]

    def in_force(self, rule, day):
        return rule["valid_from"] <= day <= rule.get("valid_to", day)

    def rule_of_kind(self, kind, day):
        return next((r for r in self.rules if r["kind"] == kind and self.in_force(r, day)), None)

    def is_day_of(self, rule, day):
        day_type = self.law.day_type(self.pack, day, self.case.regions, "calendar_missing" in self.case.words)
        return day_type in rule["day_types"] and DAY_NAMES[day.weekday()] in rule.get("weekdays", DAY_NAMES)

    def hours(self, day):
        """(from, to) of all windows of the date; None when the pack has hours but none for the date."""
        windows = [r for r in self.rules if r["kind"] == "calling_window"]
        today = [r["hours"] for r in windows if self.in_force(r, day) and self.is_day_of(r, day)]
        has_any = any(r["kind"] == "calling_window" and self.channel in r["of_channels"] for r in self.pack["rule"])
        if not today:
            return None if has_any else (0, 86400)
        return max(s[0] for s in today), min(s[1] for s in today)

    def is_constant(self, rule, day):
        """The answer is the same at every instant of the date from now on: nothing new enters the history."""
        if rule["kind"] == "calling_window":
            return rule.get("closed", False) or not self.is_day_of(rule, day)
        if rule["kind"] != "frequency":
            return rule["kind"] in BY_DATE
        can_reply = rule.get("can_reply") and "reply_to_inbound" in self.case.words
        can_be_consented = rule.get("uses_direct_consent") and "direct_consent_at" in self.case.dates
        return rule["period"] != "rolling" and not can_reply and not can_be_consented

    def plan(self, day, at, wall):
        """(rules that matter on the date, in order, each with its answer if that holds all day; the hours)."""
        if day not in self.plans:
            asked = []
            for rule in self.speaking:
                if self.in_force(rule, day):
                    is_constant = self.is_constant(rule, day)
                    if not is_constant or not self.allows(rule, at, wall):
                        asked.append((rule, is_constant))
            hours = self.hours(day)
            self.plans[day] = ([(None, True)] if hours is None else []) + asked, hours
        return self.plans[day]

    def denying(self, at):
        """Every rule that denies, in the order of the pack; None stands for missing hours."""
        wall = local(at, self.zone)
        for rule, is_denied_all_day in self.plan(wall.date(), at, wall)[0]:
            if is_denied_all_day or not self.allows(rule, at, wall):
                yield rule

    def allows(self, rule, at, wall):
        return getattr(self, "on_" + rule["kind"])(rule, at, wall)

    # Hours.
    def on_calling_window(self, rule, at, wall):
        return not self.is_day_of(rule, wall.date()) or rule["hours"][0] <= second_of_day(wall) < rule["hours"][1]

    def ends_inside(self, at, wall, delay_ms, may_touch):
        day = wall.date()
        span = self.plans[day][1] if day in self.plans else self.hours(day)
        if span is None or not span[0] <= second_of_day(wall) < span[1]:
            return True
        if span[1] == 86400:
            end = start_of(day + dt.timedelta(1), self.zone)
        else:
            end = start_of(day, self.zone, span[1])
        return at + delay_ms <= end if may_touch else at + delay_ms < end

    def on_window_tail(self, rule, at, wall):
        tail = self.case.values.get("policy_tail_s")
        return tail is None or self.ends_inside(at, wall, int(tail) * 1000, True)

    def on_delivery_window(self, rule, at, wall):
        return self.case.delay is None or self.ends_inside(at, wall, self.case.delay, False)

    def on_stated_times(self, rule, at, wall):
        return DAY_NAMES[wall.weekday()] not in self.case.closed and self.case.from_s <= second_of_day(wall) < self.case.to_s

    # Counters.
    def matching(self, pool, debt=False, number=False):
        """(instant, local date) of the known facts of the pool, oldest first."""
        key = (pool, debt, number)
        if key not in self.found:
            self.found[key] = [(f["at"], local(f["at"], self.zone).date()) for f in self.facts if self.matches(f, *key)]
        return self.found[key]

    def matches(self, fact, pool, debt, number):
        values = self.case.values
        if (fact["channel"], fact["result"]) not in pool or fact.get("to", "") != values.get("to", ""):
            return False
        if debt and fact.get("debt") and values.get("debt") and fact["debt"] != values["debt"]:
            return False
        return not (number and fact.get("num") and values.get("num") and fact["num"] != values["num"])

    def in_period(self, rule, fact_at, day, at, today):
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

    def consent_span(self, rule, today):
        start = self.case.dates.get("direct_consent_at")
        if not rule.get("uses_direct_consent") or start is None or "revoked" in self.case.words:
            return None
        window = self.rule_of_kind("consent_window", today)
        if window is None:
            return None
        end = start_of(start + dt.timedelta(window["length_days"]), self.zone)
        for talk_at, day in self.matching(self.pack["pools"][window["ended_by"]], rule.get("per_debt", False)):
            if day > start:
                end = min(end, talk_at)
        return start_of(start, self.zone), end

    def is_reply(self, at, today):
        window = self.rule_of_kind("reply_exemption", today)
        if window is None or "reply_to_inbound" not in self.case.words:
            return False
        pool = frozenset({(self.channel, "inbound"), (self.channel, "inbound_unanswered")})
        return any(at - fact_at <= window["within_s"] * 1000 for fact_at, _ in self.matching(pool))

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
        today = wall.date()
        if rule.get("can_reply") and self.is_reply(at, today):
            return True
        consent = self.consent_span(rule, today)
        if consent and consent[0] <= at < consent[1]:
            return True
        used = 0
        for fact_at, day in self.matching(self.pack["pools"][rule["pool"]], rule.get("per_debt", False)):
            is_skipped = rule.get("skips_consented") and consent and consent[0] <= fact_at < consent[1]
            used += not is_skipped and self.in_period(rule, fact_at, day, at, today)
        return used < limit

    def on_quiet_period(self, rule, at, wall):
        if set(rule.get("unless", [])) & self.case.words:
            return True
        length = rule.get("seconds") or int(self.case.values.get("policy_" + rule["seconds_option"], 0))
        facts = self.matching(self.pack["pools"][rule["pool"]], number=rule.get("per_number", False))
        return not facts or at - facts[-1][0] >= length * 1000

    def on_in_flight(self, rule, at, wall):
        return not any(f["result"] == "in_flight" and f["channel"] in rule["of_channels"] for f in self.facts)

    # Facts.
    def on_person_flag(self, rule, at, wall):
        words = self.case.words
        since = self.case.dates.get(rule.get("from_date"))
        is_flagged = set(rule.get("all", [])) <= words
        if "any" in rule or "implied_channels" in rule:
            is_flagged = is_flagged and bool(set(rule.get("any", [])) & words
                                             or self.channel in rule["implied"])
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
        return self.channel not in self.case.optouts()

    def on_consent(self, rule, at, wall):
        words = self.case.words
        if set(rule.get("unless", []) + rule["consents"]) & words:
            return True
        is_asked = set(rule.get("only_when", [])) & words or self.channel in rule["implied"]
        return not is_asked

    def on_abandon_limit(self, rule, at, wall):
        rate = self.case.values.get(rule["rate"])
        return rate is None or float(rate) <= rule["limit_percent"] or not set(rule.get("all", [])) <= self.case.words

    def on_ring_time(self, rule, at, wall):
        return int(self.case.values.get("ring_s", rule["seconds"])) >= rule["seconds"]

    def on_reply_exemption(self, rule, at, wall):
        return True

    on_consent_window = on_agreement = on_reply_exemption

    def walls(self):
        """Seconds of the day at which this pack may begin to allow."""
        return frozenset({0, self.case.from_s} | {r["hours"][0] for r in self.rules if "hours" in r})

    def lengths(self):
        options = {int(self.case.values.get("policy_" + r["seconds_option"], 0)) for r in self.rules if "seconds_option" in r}
        return options | {r.get("length_s") or r.get("seconds") or 0 for r in self.rules}


class Panel:
    """All judges of one channel and one state of the history. Nothing is added to that history, so what was found out
    about an instant stays true and is kept."""

    mornings = {}

    def __init__(self, law, case, channel, facts, packs, zones):
        self.judges = [Judge(law, case, channel, facts, pack, zone) for pack in packs for zone in zones]
        self.places = tuple((judge.zone.key, judge.walls()) for judge in self.judges)
        lengths = {length for judge in self.judges for length in judge.lengths()}
        self.ends = sorted({f["at"] + length * 1000 for f in facts for length in lengths if length})
        self.known = {}
        self.last_denying = self.judges[0]

    def denying(self, at):
        """(judge, rule or None) of everything that denies."""
        return [(judge, rule) for judge in self.judges for rule in judge.denying(at)]

    def changes_of(self, day):
        """Every instant of a UTC day at which something can begin to allow."""
        key = (self.places, day)
        if key not in Panel.mornings:
            date = dt.date.fromordinal(day + 719163)
            near = [date + dt.timedelta(n) for n in (-1, 0, 1)]
            found = {start_of(d, zone_of(zone), wall) for zone, walls in self.places for wall in walls for d in near}
            Panel.mornings[key] = sorted(at for at in found if at // DAY_MS == day)
        low = bisect.bisect_left(self.ends, day * DAY_MS)
        high = bisect.bisect_left(self.ends, (day + 1) * DAY_MS)
        plain = Panel.mornings[key]
        return sorted(set(plain) | set(self.ends[low:high])) if low < high else plain

    def is_open(self, at):
        if next(self.last_denying.denying(at), self) is not self:
            return False
        for judge in self.judges:
            if next(judge.denying(at), self) is not self:
                self.last_denying = judge
                return False
        return True

    def first_lawful(self, at, denials):
        """First instant after `at` at which nothing denies; None when time does not heal it."""
        if any(rule is None or rule["kind"] in NEVER_HEALS or rule.get("period") == "lifetime" for _, rule in denials):
            return None
        walked, answer = [], None
        for day in range(at // DAY_MS, at // DAY_MS + HORIZON_DAYS):
            for candidate in self.changes_of(day):
                if candidate <= at:
                    continue
                if candidate in self.known:
                    answer = self.known[candidate]
                elif self.is_open(candidate):
                    answer = candidate
                else:
                    walked.append(candidate)
                    continue
                self.known.update((one, answer) for one in [*walked, candidate])
                return answer
        self.known.update((one, None) for one in walked)
        return None


def is_contradictory(case):
    if any(pair <= case.words for pair in CONTRADICTION) or case.from_s >= case.to_s:
        return True
    return (case.delay is not None and case.delay < 0) or ("spouse" in case.words and case.party_kind == "debtor")


def judge_case(law, row):
    """(decision, rule ids, until in ms or None, zone to write it in) of every contact the row asks about."""
    case = Case(row)
    count = len(case.instants) * len(case.asked_channels)
    found = packs_and_zones(law, case)
    if isinstance(found, str) or is_contradictory(case):
        return [("deny", "GEN-03", None, None)] * count
    packs, zones = found
    if case.is_single and case.facts and case.facts[-1]["at"] > case.at:
        return [("deny", "GEN-03", case.facts[-1]["at"], zones[0])]
    panels, answers = {}, []
    starts = [f["at"] for f in case.facts]
    for at in case.instants:
        known = bisect.bisect_right(starts, at)
        for channel in case.asked_channels:
            if (channel, known) not in panels:
                panels[channel, known] = Panel(law, case, channel, case.facts[:known], packs, zones)
            answers.append((*judge_contact(panels[channel, known], at), zones[0]))
    return answers


def judge_contact(panel, at):
    denials = panel.denying(at)
    if not denials:
        return "allow", "", None
    ids = list(dict.fromkeys("GEN-03" if rule is None else rule["id"] for _, rule in denials))
    return "deny", " ".join(ids), panel.first_lawful(at, denials)


def written(at, zone):
    wall = dt.datetime.fromtimestamp(at / 1000, zone)
    return wall.isoformat(timespec="milliseconds" if at % 1000 else "seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--brief", action="store_true")
    arguments = parser.parse_args()
    law = Law(arguments.rules)
    out = csv.writer(sys.stdout, lineterminator="\n")
    if not arguments.brief:
        out.writerow(["id", "decision", "rule_id", "until"])
    with open(arguments.cases, newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            for number, (decision, rules, until, zone) in enumerate(judge_case(law, row)):
                if arguments.brief:
                    out.writerow([f"{row['id']}.{number}", decision, rules, "" if until is None else until])
                else:
                    out.writerow([row["id"], decision, rules, "" if until is None else written(until, zone)])


if __name__ == "__main__":
    main()
