#!/usr/bin/env python3
"""What the demo tells `dunlin simulate` of its line, and how the two are laid side by side."""
import pathlib
import sys
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import demo_forecast

DRAWN = 60 * ["no_answer"] + 4 * ["busy"] + 4 * ["invalid"] + ["congestion"] + 6 * ["machine"] + 25 * ["person"]
FATES = {f"att_{number}": fate for number, fate in enumerate(DRAWN)}


def machine(ring_s, verdict_s):
    at = lambda s: f"2026-11-24T08:00:{s:06.3f}Z"
    return {"outcome": "machine", "invited_at": at(0), "ringing_at": at(0.5), "answered_at": at(0.5 + ring_s), "ended_at": at(0.5 + ring_s + verdict_s)}


def attempt(ring_s, talk_s):
    if talk_s is None:
        return {"invited_at": "2026-11-24T08:00:00.000Z", "ringing_at": "2026-11-24T08:00:00.500Z", "ended_at": "2026-11-24T08:00:26Z"}
    at = lambda s: f"2026-11-24T08:00:{s:06.3f}Z"
    return {"invited_at": at(0), "ringing_at": at(0.5), "answered_at": at(0.5 + ring_s), "bridged_at": at(1.5 + ring_s),
            "ended_at": at(1.5 + ring_s + talk_s)}


def metric(mean, least, most):
    return {"mean": mean, "ci95": 1.0, "min": least, "max": most}


METRICS = {"attempts": metric(150, 140, 160), "live": metric(36, 30, 40), "connected": metric(35, 30, 40), "abandoned": metric(1, 0, 2),
           "abandon_share": metric(0.02, 0, 0.05), "occupancy": metric(0.6, 0.5, 0.7), "idle_p50_s": metric(5, 4, 6), "idle_p95_s": metric(15, 10, 20)}
LIVE = {"attempts": 150, "humans": 33, "connected": 33, "abandoned": 0, "abandon_rate": "0.0%", "occupancy": "61.3%", "idle_p50": "4.6 s", "idle_p95": "12.0 s"}


class Line(unittest.TestCase):
    def test_is_fitted_from_the_calls_and_what_the_carrier_drew(self):
        attempts = [attempt(4, 8), attempt(6, 10), attempt(8, 12), attempt(0, None)]
        line = tomllib.loads(demo_forecast.line_file(attempts, FATES, (4.5, 0.1), 2))
        self.assertEqual(line["numbers"]["mobile"]["ring_s"], 6)
        self.assertEqual(line["talk"]["right_s"], 10)
        self.assertEqual(line["wrap"], {"wrong_s": 4.5, "third_s": 4.5, "right_s": 4.5, "promise_s": 4.5, "machine_s": 4.5, "spread": 0.1})
        self.assertEqual(line["classifier"]["person_s"], 1)
        self.assertEqual(line["line"]["setup_s"], 0.2)
        self.assertAlmostEqual(line["numbers"]["home"]["answers"], 25 / 95, places=4)
        self.assertAlmostEqual(line["numbers"]["home"]["machines"], 6 / 70, places=4)
        self.assertEqual((line["work"]["to"].hour, line["work"]["to"].minute), (12, 2))

    def test_of_a_demo_without_talks_is_still_one(self):
        line = tomllib.loads(demo_forecast.line_file([attempt(0, None)], {}, (0.0, 0.0), 0.5))
        self.assertEqual(line["talk"]["right_s"], 10)
        self.assertEqual(line["work"]["to"].second, 30)

    def test_tells_how_machines_rang_and_were_known(self):
        attempts = [machine(1, 4), machine(15, 4), machine(16, 3), machine(17, 4.4)]
        line = tomllib.loads(demo_forecast.line_file(attempts, FATES, (4.5, 0.1), 2))
        self.assertEqual(line["line"]["machines_at_once"], 0.25)
        self.assertEqual(line["line"]["machine_ring_s"], 16)
        self.assertEqual(line["classifier"]["machine_s"], 4)


class Drawn(unittest.TestCase):
    def test_is_what_the_carrier_planned_for_our_calls(self):
        log = [{"event": "plan", "call_id": "att_1-1@dunlin", "outcome": "person"}, {"event": "plan", "call_id": "strange", "outcome": "busy"},
               {"event": "end", "call_id": "att_2-1@dunlin"}]
        self.assertEqual(demo_forecast.drawn(log), {"att_1": "person"})

    def test_judges_the_verdicts(self):
        fates = {"a": "person", "b": "person", "c": "person", "d": "person", "e": "machine", "f": "screening", "g": "busy"}
        answered = lambda name, outcome, **more: {"attempt": name, "answered_at": "x", "outcome": outcome, **more}
        rows = [answered("a", "answered", bridged_at="x"), answered("b", "machine"), answered("c", "abandoned"), answered("d", "hung_up"),
                answered("e", "machine"), answered("f", "answered", bridged_at="x"), {"attempt": "g", "outcome": "busy"}]
        self.assertEqual(demo_forecast.classified(rows, fates), (0.25, 0.5, 0.25))

    def test_wrap_ups_are_the_robots_own(self):
        state = lambda ts, before, after: {"event": "state", "user": "a1", "ts": ts, "from": before, "to": after}
        events = [state(0, "talking", "wrap_up"), state(3000, "wrap_up", "ready"), state(9000, "talking", "wrap_up"), state(14000, "wrap_up", "ready")]
        self.assertEqual(demo_forecast.wrap_times(events, "2-6")[0], 4)
        self.assertEqual(demo_forecast.wrap_times(events[:1], "1-3")[0], 2)


class Occupancy(unittest.TestCase):
    def test_counts_the_waits_that_nobody_ended(self):
        attempts = [attempt(4, 8), attempt(4, 12), attempt(0, None)]
        # Two talks of 20 s and two wrap-ups of 4 s among three agents who sat there for 26 s.
        self.assertAlmostEqual(demo_forecast.occupancy(attempts, 4, 3), 28 / 78)

    def test_of_nothing_is_unknown(self):
        self.assertIsNone(demo_forecast.occupancy([], 4, 3))


class Beside(unittest.TestCase):
    def test_says_that_all_lies_within(self):
        lines, sentence = demo_forecast.beside(LIVE, METRICS)
        self.assertEqual(len(lines), 1 + len(demo_forecast.FIGURES))
        self.assertTrue(sentence.startswith("every live figure lies within"), sentence)

    def test_names_what_lies_outside(self):
        _, sentence = demo_forecast.beside({**LIVE, "occupancy": "75.0%", "idle_p50": "3.1 s"}, METRICS)
        self.assertTrue(sentence.startswith("outside the simulated courses: occupancy above, idle between calls, median s below"), sentence)

    def test_leaves_out_what_nobody_measured(self):
        lines, sentence = demo_forecast.beside({**LIVE, "idle_p50": "-"}, METRICS)
        self.assertIn(" - ", lines[7])
        self.assertTrue(sentence.startswith("every live figure"), sentence)


if __name__ == "__main__":
    unittest.main()
