"""The judge: holds the carrier's own log against our history (docs/attempt-protocol.md, I2, I3, I5, R6).

What became of a call is compared as well: who answered, and with which status who did not.
Pure: lists in, a list of violations out. The log's lines are in the order in which the carrier read and answered.
An INVITE counts as the start of a call unless it is a re-INVITE, a retransmission (same transaction) or the re-send
that answers a challenge (401/407) of the carrier; a re-send nobody asked for is a second call like any other.
"""
import collections
import json

CHALLENGES = (401, 407)
RINGING = range(180, 190)
# Outcomes of calls that nothing and nobody answered; an announcement may come before an answer and after it.
UNANSWERED = ("no_answer", "busy", "rejected", "invalid_number", "failed")


def read_log(path):
    """The events of a JSON-lines file; a last line torn by a kill is left out."""
    events = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            try:
                events.append(json.loads(line))
            except json.JSONDecodeError:
                if line.endswith("\n"):
                    raise
    return events


def leg_of(call_id):
    """(attempt, leg number) of a Call-ID of ours; None for any other."""
    name, dash, number = call_id.partition("@")[0].rpartition("-")
    return (name, int(number)) if dash and number.isdigit() and name.startswith("att_") else None


class Call:
    """What the carrier saw under one Call-ID."""

    def __init__(self, call_id):
        self.call_id = call_id
        self.leg = leg_of(call_id)
        self.starts = 0
        self.first_line = None
        self.plans = 0
        self.has_rung = False
        self.final_status = None
        self.final_line = None
        self.is_challenged = False
        self.is_cancelled = False
        self.last_cseq = 0

    def on_invite(self, line, event):
        is_answer = event["has_auth"] and self.is_challenged and event["cseq"] > self.last_cseq
        self.is_challenged = False
        self.last_cseq = event["cseq"]
        if is_answer:
            return
        self.starts += 1
        if self.first_line is None:
            self.first_line = line

    def on_reply(self, line, event):
        status = event["status"]
        if status in CHALLENGES:
            self.is_challenged = event["cseq"] == self.last_cseq
        elif status in RINGING:
            self.has_rung = True
        elif status >= 200 and self.final_status is None:
            self.final_status = status
            self.final_line = line


def calls_of(events):
    """Call-ID -> Call, for every initial INVITE of the log."""
    calls = {}
    for line, event in enumerate(events):
        kind = event.get("event")
        if kind == "invite" and not event["is_reinvite"] and not event["is_retransmission"]:
            calls.setdefault(event["call_id"], Call(event["call_id"])).on_invite(line, event)
        call = calls.get(event.get("call_id"))
        if call is None:
            continue
        if kind == "plan":
            call.plans += 1
        elif kind == "reply" and event["method"] == "INVITE" and not event["is_retransmission"]:
            call.on_reply(line, event)
        elif kind == "reply" and event["method"] == "CANCEL":
            call.is_cancelled = True
    return calls


def legs_of(calls):
    legs = collections.defaultdict(dict)
    for call in calls.values():
        if call.leg:
            legs[call.leg[0]][call.leg[1]] = call
    return legs


def judge_calls(calls, has_outage=False):
    """What the carrier's log shows alone: one start a Call-ID, at most two legs, the second only after a silent failure."""
    problems = []
    for call in calls.values():
        if call.leg is None:
            problems.append(f"a call with a Call-ID that is not ours: {call.call_id}")
        if call.starts > 1:
            problems.append(f"a Call-ID started {call.starts} calls: {call.call_id}")
        if call.plans > 1:
            problems.append(f"the carrier connected a Call-ID {call.plans} times: {call.call_id}")
    for attempt, legs in legs_of(calls).items():
        if set(legs) - {1, 2}:
            problems.append(f"more than two legs: {attempt} has {sorted(legs)}")
        if 2 in legs:
            problems += judge_second_leg(attempt, legs, has_outage)
    return problems


def judge_second_leg(attempt, legs, has_outage):
    first, second = legs.get(1), legs[2]
    if first is None:
        return [] if has_outage else [f"a second leg without a first one: {attempt}"]
    problems = []
    if first.final_line is None or first.final_line > second.first_line:
        problems.append(f"a second leg before the first one's final answer: {attempt}")
    elif first.final_status < 300:
        problems.append(f"a second leg after an answered first one: {attempt}")
    if first.has_rung:
        problems.append(f"a second leg after the first one rang: {attempt}")
    return problems


def judge_history(calls, attempts, has_outage):
    """The carrier's calls against the history's attempts (the rows of `attempt list`)."""
    problems = []
    legs = legs_of(calls)
    rows = collections.defaultdict(list)
    for row in attempts:
        rows[row["attempt"]].append(row)
    for attempt in legs:
        if attempt not in rows:
            problems.append(f"a call without a reservation: {attempt}")
    for attempt, found in rows.items():
        if len(found) > 1:
            problems.append(f"{len(found)} reservations of one attempt: {attempt}")
        problems += judge_attempt(attempt, found[0], legs.get(attempt, {}), has_outage)
    return problems


def judge_attempt(attempt, row, legs, has_outage):
    problems = []
    if row["settlements"] != 1:
        problems.append(f"settled {row['settlements']} times instead of once: {attempt}")
    if row["settlements"] == 0:
        return problems
    if legs and row["outcome"] == "not_sent":
        problems.append(f"the history says not sent, the carrier was called: {attempt}")
    if not legs and row.get("invited_at") and not has_outage:
        problems.append(f"the history says sent, the carrier knows nothing: {attempt}")
    if 2 in legs:
        problems += judge_commitment(attempt, row, legs)
    if legs:
        problems += judge_end(attempt, row, legs[max(legs)])
    return problems


def judge_end(attempt, row, last):
    """What the history says became of the call, beside the carrier's final answer to its last leg. A call of unknown end
    claims nothing; one that we cancelled may have met the answer or the refusal under way."""
    if last.final_status is None or last.is_cancelled or row["outcome"] in ("unknown_after_failure", "not_sent"):
        return []
    is_answered = 200 <= last.final_status < 300
    if is_answered != bool(row.get("answered_at")):
        return [f"the carrier said {last.final_status}, the history says {'not ' if is_answered else ''}answered: {attempt}"]
    if row["outcome"] != "network_announcement" and is_answered == (row["outcome"] in UNANSWERED):
        return [f"the carrier said {last.final_status}, the history says {row['outcome']}: {attempt}"]
    if not is_answered and row.get("sip_status") != last.final_status:
        return [f"the carrier said {last.final_status}, the history says status {row.get('sip_status')}: {attempt}"]
    return []


def judge_commitment(attempt, row, legs):
    committed = row["second_legs"]
    if len(committed) != 1:
        return [f"a second leg with {len(committed)} commitments: {attempt}"]
    if 1 in legs and legs[1].final_status != committed[0]["after_status"]:
        return [f"the second leg was committed after {committed[0]['after_status']}, the carrier said {legs[1].final_status}: {attempt}"]
    return []


def judge(events, attempts, has_outage=False):
    """Every violation in words; empty = carrier and history agree. `has_outage`: the carrier was away for a while, so
    what was sent then is in no log."""
    calls = calls_of(events)
    return judge_calls(calls, has_outage) + judge_history(calls, attempts, has_outage)
