#!/usr/bin/env python3
"""The judge against doctored logs: what is right passes, each violation is caught."""
import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import judge


def invite(call_id, cseq=1, again=False, reinvite=False, auth=False):
    return {"event": "invite", "call_id": call_id, "cseq": cseq, "is_retransmission": again, "is_reinvite": reinvite, "has_auth": auth}


def reply(call_id, status, cseq=1, again=False, method="INVITE"):
    return {"event": "reply", "call_id": call_id, "cseq": cseq, "method": method, "status": status, "is_retransmission": again}


def plan(call_id):
    return {"event": "plan", "call_id": call_id}


def row(attempt, outcome="no_answer", settlements=1, second_legs=(), invited=True, status=480):
    return {"attempt": attempt, "outcome": outcome, "settlements": settlements, "second_legs": list(second_legs),
            "invited_at": "2026-11-24T08:00:00Z" if invited else "", "sip_status": status,
            "answered_at": "2026-11-24T08:00:09Z" if outcome in ("answered", "machine", "abandoned") else ""}


ONE, TWO = "att_a-1@x", "att_a-2@x"
RANG = [invite(ONE), plan(ONE), reply(ONE, 100), reply(ONE, 180), reply(ONE, 480)]
FAILED_OVER = [invite(ONE), plan(ONE), reply(ONE, 100), reply(ONE, 503), invite(TWO), plan(TWO), reply(TWO, 180), reply(TWO, 200)]
CHALLENGED = [invite(ONE), reply(ONE, 407), invite(ONE, again=True), reply(ONE, 407), invite(ONE, cseq=2, auth=True), plan(ONE),
              reply(ONE, 200, cseq=2)]
COMMITTED = [{"trunk": "b", "after_status": 503, "place": "1/2"}]


class WhatIsRight(unittest.TestCase):
    def assert_clean(self, events, attempts):
        self.assertEqual(judge.judge(events, attempts), [])

    def test_a_call_with_its_reservation_passes(self):
        self.assert_clean(RANG, [row("att_a")])

    def test_retransmissions_reinvites_and_other_requests_start_nothing(self):
        more = [invite(ONE, again=True), invite(ONE, cseq=2, reinvite=True), reply(ONE, 200, method="BYE")]
        self.assert_clean(RANG + more, [row("att_a")])

    def test_the_answer_to_a_challenge_starts_nothing(self):
        self.assert_clean(CHALLENGED, [row("att_a", "answered")])

    def test_a_committed_second_leg_after_a_silent_failure_passes(self):
        self.assert_clean(FAILED_OVER, [row("att_a", "answered", second_legs=COMMITTED)])

    def test_a_machine_is_an_answer_too(self):
        self.assert_clean(CHALLENGED, [row("att_a", "machine")])

    def test_what_met_our_cancel_under_way_passes(self):
        for status in (200, 486):
            self.assert_clean([invite(ONE), plan(ONE), reply(ONE, 180), reply(ONE, 200, method="CANCEL"), reply(ONE, status)], [row("att_a", status=487)])

    def test_an_unknown_end_claims_nothing(self):
        self.assert_clean(CHALLENGED, [row("att_a", "unknown_after_failure")])

    def test_what_was_sent_into_an_outage_passes_as_one(self):
        self.assertEqual(judge.judge([], [row("att_a")], has_outage=True), [])

    def test_an_attempt_that_was_never_sent_passes(self):
        self.assert_clean([], [row("att_a", "not_sent", invited=False), row("att_b", "unknown_after_failure", invited=False)])


class Violations(unittest.TestCase):
    def assert_caught(self, events, attempts, words):
        problems = judge.judge(events, attempts)
        self.assertTrue(any(words in problem for problem in problems), f"{words!r} not in {problems}")

    def test_two_calls_of_one_call_id(self):
        self.assert_caught(RANG + [invite(ONE)], [row("att_a")], "started 2 calls")

    def test_a_resend_with_credentials_nobody_asked_for_is_a_second_call(self):
        self.assert_caught(RANG + [invite(ONE, cseq=2, auth=True)], [row("att_a")], "started 2 calls")

    def test_one_challenge_excuses_one_resend(self):
        self.assert_caught(CHALLENGED + [invite(ONE, cseq=3, auth=True)], [row("att_a")], "started 2 calls")

    def test_a_resend_that_does_not_count_on_is_a_second_call(self):
        self.assert_caught([invite(ONE), reply(ONE, 407), invite(ONE, auth=True)], [row("att_a")], "started 2 calls")

    def test_a_call_the_carrier_connected_twice(self):
        self.assert_caught(RANG + [plan(ONE)], [row("att_a")], "connected a Call-ID 2 times")

    def test_a_call_id_of_another(self):
        self.assert_caught([invite("whoever@x")], [], "not ours")

    def test_a_third_leg(self):
        self.assert_caught(FAILED_OVER + [invite("att_a-3@x")], [row("att_a", second_legs=COMMITTED)], "more than two legs")

    def test_a_second_leg_alone(self):
        self.assert_caught([invite(TWO)], [row("att_a", second_legs=COMMITTED)], "without a first one")

    def test_a_second_leg_while_the_first_is_open(self):
        events = [invite(ONE), invite(TWO), reply(ONE, 503)]
        self.assert_caught(events, [row("att_a", second_legs=COMMITTED)], "before the first one's final answer")

    def test_a_second_leg_after_ringing(self):
        for status in (180, 183):
            events = copy.deepcopy(FAILED_OVER)
            events.insert(3, reply(ONE, status))
            self.assert_caught(events, [row("att_a", second_legs=COMMITTED)], "after the first one rang")

    def test_a_second_leg_after_an_answer(self):
        events = [event if event.get("status") != 503 else reply(ONE, 200) for event in FAILED_OVER]
        self.assert_caught(events, [row("att_a", second_legs=COMMITTED)], "after an answered first one")

    def test_a_second_leg_without_its_commitment(self):
        self.assert_caught(FAILED_OVER, [row("att_a")], "with 0 commitments")

    def test_a_second_leg_committed_for_another_cause(self):
        other = [dict(COMMITTED[0], after_status=500)]
        self.assert_caught(FAILED_OVER, [row("att_a", second_legs=other)], "committed after 500")

    def test_a_call_without_a_reservation(self):
        self.assert_caught(RANG, [], "without a reservation")

    def test_a_reservation_twice(self):
        self.assert_caught(RANG, [row("att_a"), row("att_a")], "2 reservations")

    def test_reservations_settled_never_or_twice(self):
        for times in (0, 2):
            self.assert_caught(RANG, [row("att_a", settlements=times)], f"settled {times} times")

    def test_not_sent_that_was_sent(self):
        self.assert_caught(RANG, [row("att_a", "not_sent")], "the carrier was called")

    def test_an_answer_told_as_none(self):
        for outcome in ("no_answer", "busy", "invalid_number"):
            self.assert_caught(CHALLENGED, [row("att_a", outcome)], "the history says not answered")

    def test_an_answer_that_never_was(self):
        for outcome in ("answered", "machine", "abandoned"):
            self.assert_caught(RANG, [row("att_a", outcome)], "the carrier said 480, the history says answered")

    def test_an_answer_with_an_outcome_of_a_call_without(self):
        self.assert_caught(CHALLENGED, [dict(row("att_a", "busy"), answered_at="2026-11-24T08:00:09Z")], "the history says busy")

    def test_another_status_than_the_carriers(self):
        self.assert_caught(RANG, [row("att_a", "busy", status=486)], "the history says status 486")

    def test_sent_that_nobody_saw(self):
        self.assert_caught([], [row("att_a")], "the carrier knows nothing")


if __name__ == "__main__":
    unittest.main()
