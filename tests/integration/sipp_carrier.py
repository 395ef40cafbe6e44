#!/usr/bin/env python3
"""Somebody else's SIP on the trunk side: the real node with sipp as its carrier, one trunk and one campaign a scenario.
Holds sipp's own message log against our history: who hung up, who cancelled, one INVITE per Call-ID, causes and outcomes."""
import argparse
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import main_job

HERE = pathlib.Path(__file__).parent
COMMON = harness.ROOT / "tests/sip/scenarios"
FIRST_PORT = 17060
ROBOTS = 5


class Case:
    """One scenario: sipp's part, what the history must say, what the line must have seen."""

    def __init__(self, name, xml, outcome, sip_status=None, legs=1, trunks=1, is_bridged=False, judge=None, srtp="off"):
        self.name, self.xml, self.outcome, self.sip_status = name, xml, outcome, sip_status
        self.legs, self.is_bridged, self.judge, self.srtp = legs, is_bridged, judge, srtp
        self.trunk_names = [name if trunks == 1 else f"{name}_{n}" for n in range(1, trunks + 1)]


class Line:
    """sipp's message log of one trunk."""

    def __init__(self, path):
        self.messages = []
        text = path.read_text(errors="replace") if path.exists() else ""
        for part in re.split(r"(?m)^-{20,} .*\n", text)[1:]:
            found = re.match(r"(?:UDP|TCP) message (sent|received).*\n+", part)
            if found:
                self.messages.append((found.group(1), part[found.end():]))

    def count(self, direction, start):
        return sum(1 for way, text in self.messages if way == direction and text.startswith(start))

    def sdp_offers(self):
        """Transport and whether there are keys, of every INVITE."""
        invites = [text for way, text in self.messages if way == "received" and text.startswith("INVITE ")]
        return {(re.search(r"m=audio \d+ (\S+)", text).group(1), "a=crypto:" in text) for text in invites}

    def header(self, name, direction, start):
        found = [re.search(rf"(?im)^{name}:\s*(.+?)\s*$", text) for way, text in self.messages if way == direction and text.startswith(start)]
        return {match.group(1) for match in found if match}


def expect(problems, what, seen, wanted):
    if seen != wanted:
        problems.append(f"{what}: {seen!r}, expected {wanted!r}")


def judge_far_end_bye(line, problems):
    expect(problems, "BYE sent by the far end", line.count("sent", "BYE ") >= 1, True)
    expect(problems, "BYE of ours", line.count("received", "BYE "), 0)
    expect(problems, "our answer to BYE", line.count("received", "SIP/2.0 200") >= 1, True)


def judge_our_bye(line, problems):
    expect(problems, "BYE of ours", line.count("received", "BYE ") >= 1, True)
    expect(problems, "BYE sent by the far end", line.count("sent", "BYE "), 0)
    expect(problems, "our Reason in BYE", line.header("Reason", "received", "BYE "), {"Q.850;cause=16"})


def judge_cancel(line, problems):
    expect(problems, "CANCEL of ours", line.count("received", "CANCEL ") >= 1, True)
    expect(problems, "BYE of ours", line.count("received", "BYE "), 0)
    expect(problems, "487 sent", line.count("sent", "SIP/2.0 487") >= 1, True)


def judge_refusal(line, problems):
    expect(problems, "ACK of ours", line.count("received", "ACK ") >= 1, True)
    expect(problems, "CANCEL or BYE of ours", line.count("received", "CANCEL ") + line.count("received", "BYE "), 0)


def judge_best_effort(line, problems):
    expect(problems, "an offer of keys beside RTP/AVP (RFC 8643)", line.sdp_offers(), {("RTP/AVP", True)})
    judge_our_bye(line, problems)


def judge_strict(line, problems):
    expect(problems, "an offer of SRTP only", line.sdp_offers(), {("RTP/SAVP", True)})
    expect(problems, "our Reason in BYE", line.header("Reason", "received", "BYE "), {"SIP;cause=488"})


def judge_plain(line, problems):
    expect(problems, "an offer without keys", line.sdp_offers(), {("RTP/AVP", False)})
    judge_our_bye(line, problems)


CASES = [
    Case("far_end_hangs_up", HERE / "sipp/far_end_hangs_up.xml", "answered", is_bridged=True, judge=judge_far_end_bye),
    Case("we_hang_up", HERE / "sipp/we_hang_up.xml", "answered", is_bridged=True, judge=judge_plain),
    Case("srtp_optional", HERE / "sipp/we_hang_up.xml", "answered", is_bridged=True, judge=judge_best_effort, srtp="optional"),
    # It was answered and heard nobody: a contact.
    Case("srtp_required", HERE / "sipp/we_hang_up.xml", "abandoned", judge=judge_strict, srtp="required"),
    Case("early_media", HERE / "sipp/early_media.xml", "answered", is_bridged=True, judge=judge_our_bye),
    Case("busy", COMMON / "busy.xml", "busy", sip_status=486, judge=judge_refusal),
    Case("no_answer", COMMON / "no_answer.xml", "no_answer", judge=judge_cancel),
    Case("moved", COMMON / "redirect.xml", "failed", sip_status=302, judge=judge_refusal),
    Case("unavailable", COMMON / "unavailable.xml", "failed", sip_status=503, legs=2, trunks=2, judge=judge_refusal),
]


class SippCarrier(main_job.Demo):
    robot_talk = "8-9"

    def trunks(self):
        return [(name, case) for case in CASES for name in case.trunk_names]

    def write_config(self):
        text = f'[node]\ndata_folder = "{self.data / "node"}"\n[agents]\ntls_bind = "127.0.0.1:{main_job.PORTS["agents"]}"\n'
        for n, (name, case) in enumerate(self.trunks()):
            text += (f'[[trunk]]\nname = "{name}"\naddress = "127.0.0.1:{FIRST_PORT + n}"\nlocal_bind = "127.0.0.1:{FIRST_PORT + 100 + n}"\n'
                     f'caller_ids = ["+74950000001"]\nchannels = 4\noptions_interval_s = 0\nsrtp = "{case.srtp}"\n')
        (self.data / "dunlin.toml").write_text(text)

    def start_carriers(self):
        for n, (name, case) in enumerate(self.trunks()):
            self.start(f"sipp_{name}", "sipp", "-sf", case.xml, "-i", "127.0.0.1", "-p", FIRST_PORT + n, "-mi", "127.0.0.1", "-mp", 35000 + 10 * n,
                       "-rtp_echo", "-nostdin", "-trace_msg", "-message_file", self.data / f"sipp_{name}.msg",
                       "-trace_err", "-error_file", self.data / f"sipp_{name}.err")

    def import_one(self, number, case):
        harness.import_people(self, [f"Пробный Номер Синтетический;1{number}.05.1975;+7916111{number:04d};Москва;С-{number};2000;200;60\n"], case.name)

    def start_campaign(self, case):
        self.dunlin("campaign", "create", case.name, "--portfolio", case.name, "--skill", "demo", "--trunk", ",".join(case.trunk_names),
                    "--ring-timeout-ms", "5000", "--no-classifier")
        self.dunlin("campaign", "start", case.name)

    def pause_settled(self):
        """A settled attempt's campaign is paused, so that no retry blurs the picture. True when all are settled."""
        settled = {a["campaign"] for a in self.dunlin("attempt", "list") if a["outcome"]}
        for campaign in self.dunlin("campaign", "list"):
            if campaign["id"] in settled and campaign["state"] == "running":
                self.dunlin("campaign", "pause", campaign["campaign"])
        return len(settled) == len(CASES)

    def judge(self, case, campaign_id, attempts):
        problems = []
        own = [a for a in attempts if a["campaign"] == campaign_id]
        expect(problems, "attempts", len(own), 1)
        for attempt in own:
            expect(problems, "outcome", attempt["outcome"], case.outcome)
            expect(problems, "legs", attempt["legs"], case.legs)
            expect(problems, "bridged", bool(attempt["bridged_at"]), case.is_bridged)
            expect(problems, "recorded", bool(attempt["recording"]), case.is_bridged)
            if case.sip_status:
                expect(problems, "SIP status", attempt["sip_status"], case.sip_status)
        call_ids = set()
        for name in case.trunk_names:
            line = Line(self.data / f"sipp_{name}.msg")
            ids = line.header("Call-ID", "received", "INVITE ")
            expect(problems, f"Call-IDs at {name}", len(ids), 1)
            expect(problems, f"INVITE transactions at {name}", len(line.header("Via", "received", "INVITE ")), 1)
            call_ids |= ids
            case.judge(line, problems)
        expect(problems, "Call-IDs in all", len(call_ids), case.legs)
        for call_id in call_ids:
            expect(problems, "Call-ID names the attempt", any(call_id.startswith(a["attempt"] + "-") for a in own), True)
        return [f"{case.name}: {problem}" for problem in problems]

    @staticmethod
    def last_problems(judge, seconds=30):
        """sipp may read our last message, and write it down, after our side of the call is over."""
        until = time.monotonic() + seconds
        while (problems := judge()) and time.monotonic() < until:
            time.sleep(0.5)
        return problems

    def run(self):
        self.make_folder()
        self.write_config()
        self.start_carriers()
        self.start_node()
        self.add_agents()
        for number, case in enumerate(CASES):
            self.import_one(number, case)
        self.start_robots()
        for case in CASES:
            self.start_campaign(case)
        self.wait_for("an outcome of every attempt", self.pause_settled, 120)
        self.wait_for("the end of the calls", lambda: self.dunlin("call", "list") == [], 60)
        attempts = self.dunlin("attempt", "list")
        ids = {c["campaign"]: c["id"] for c in self.dunlin("campaign", "list")}
        problems = self.last_problems(lambda: [problem for case in CASES for problem in self.judge(case, ids[case.name], attempts)])
        print(f"{len(CASES)} scenarios against sipp, {len(problems)} problems")
        return harness.verdict(problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    arguments = parser.parse_args()
    arguments.agents = ROBOTS
    arguments.data = str(pathlib.Path(arguments.build) / "integration/sipp_carrier")
    main_job.run_and_stop(SippCarrier(arguments))


if __name__ == "__main__":
    main()
