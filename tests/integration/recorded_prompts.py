#!/usr/bin/env python3
"""Real recordings at the far end: operators' announcements before and after the answer and a mailbox, Russian and English, by
Debian's Asterisk prompts. What is heard before the answer disturbs no agent and ends with the carrier's status; a long notice and
a mailbox are machines. A notice of two seconds sounds like a person who says a sentence: that one is only shown."""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import judge
import main_job

PROMPTS = pathlib.Path("/usr/share/asterisk/sounds")
VOICES = {"ru": "ru_RU_f_IvrvoiceRU", "en": "en_US_f_Allison"}
SKIPPED = 77  # As ctest is told.
# What is heard, and which outcomes are right.
UNANSWERED, MACHINE = {"no_answer", "network_announcement"}, {"machine", "network_announcement"}
CALLS = [("announcement:no_service", UNANSWERED), ("announcement:circuits_busy", UNANSWERED), ("answered_announcement:no_service", MACHINE),
         ("answered_announcement:circuits_busy", None), ("machine:recorded", {"machine"})]


class RecordedPrompts(main_job.Demo):
    def __init__(self, arguments, language):
        arguments.data = str(pathlib.Path(arguments.build) / "integration" / f"recorded_prompts_{language}")
        arguments.scenario = arguments.data + "/carrier.toml"
        super().__init__(arguments)
        self.language = language

    def write_config(self):
        super().write_config()
        numbers = "".join(f'[[number]]\nmatch = "7916111{n:04d}"\noutcome = "{fate}"\n' for n, (fate, _) in enumerate(CALLS))
        (self.data / "carrier.toml").write_text(f"{numbers}[ring]\nanswer_after_ms = [800, 1200]\nmachine_after_ms = [1500, 2000]\nearly_media_share = 0\n"
                                                f"[speech]\nrussian_share = {1.0 if self.language == 'ru' else 0.0}\n")

    def import_portfolio(self):
        rows = [f"Пробный Номер Синтетический;{1 + n:02d}.05.1975;+7916111{n:04d};Москва;К-{n};2000;200;60\n" for n in range(len(CALLS))]
        harness.import_people(self, rows)

    def first_outcomes(self):
        """Fate -> the first attempt's row, once it is settled."""
        rows = {row["attempt"]: row for row in self.dunlin("attempt", "list")}
        found = {}
        for event in judge.read_log(self.carrier_log()):
            leg = judge.leg_of(event.get("call_id", "")) if event.get("event") == "plan" else None
            if leg and event["attempt"] == 1 and rows.get(leg[0], {}).get("settlements"):
                found[event["outcome"]] = rows[leg[0]]
        return found

    def run(self):
        self.begin()
        self.wait_for("five outcomes", lambda: len(self.first_outcomes()) == len(CALLS), 120)
        found = self.first_outcomes()
        problems = [line for line in (self.data / "carrier.log").read_text().splitlines() if "no recorded prompts" in line]
        for fate, wanted in CALLS:
            row = found[fate]
            print(f"{self.language} {fate}: outcome {row['outcome']}, bridged {bool(row['bridged_at'])}")
            if row["settlements"] != 1:
                problems.append(f"{self.language} {fate}: settled {row['settlements']} times")
            if wanted and (row["outcome"] not in wanted or row["bridged_at"]):
                problems.append(f"{self.language} {fate}: {row['outcome']}, bridged {bool(row['bridged_at'])}")
        return harness.verdict(problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("language", choices=VOICES)
    arguments = parser.parse_args()
    arguments.agents = 3
    if not (PROMPTS / VOICES[arguments.language]).exists():
        print(f"skipped: apt-get install asterisk-core-sounds-{arguments.language}-wav")
        sys.exit(SKIPPED)
    main_job.run_and_stop(RecordedPrompts(arguments, arguments.language))


if __name__ == "__main__":
    main()
