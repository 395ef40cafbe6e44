#!/usr/bin/env python3
"""The law of a living node: decisions are kept with the version of the rules that made them, a changed limit in a rule
file changes decisions after a restart without a rebuild, `law replay` decides yesterday's decisions again under
yesterday's rules and finds no difference, and `attempt why` tells an allow and a deny in two sentences. The report of an import
counts who has no contact left. A number whose contract is taken out of the settings is shown to nobody.

All numbers in the portfolio are busy. In Moscow it is working time, in Kamchatka night.
"""
import csv
import io
import json
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import main_job

FIRST_START = "2026-11-24T12:00:00Z"     # Tuesday, 15:00 in Moscow, midnight in Kamchatka.
SECOND_START = "2026-11-24T13:30:00Z"    # Busy numbers are due again.
LATER = "2026-11-24T13:31:00Z"
THIRD_START = "2026-11-24T14:00:00Z"
FOURTH_START = "2026-11-24T14:10:00Z"
NAMES = ["Первый", "Второй", "Третий", "Четвёртый", "Пятый", "Шестой", "Седьмой"]
COLUMNS = ["ФИО", "Дата рождения", "Телефон 1", "Регион проживания", "Номер договора", "Сумма долга", "Сумма просрочки", "Дней просрочки"]
TWO_SENTENCES = re.compile(r"[^.]+\. [^.]+\.")
BRACKETS_AND_DATES = re.compile(r" \((?:[^()]|\([^()]*\))*\)|\b\d+\.\d+\.\d+")


class LawLive(main_job.Demo):
    robot_wrap, robot_talk = "1-2", "1-2"

    def __init__(self, arguments):
        super().__init__(arguments)
        self.problems = []

    def expect(self, is_met, problem):
        if not is_met:
            self.problems.append(problem)

    def write_config(self):
        super().write_config()
        text = (self.data / "dunlin.toml").read_text()
        rules = self.data / "rules"
        rules.mkdir()
        (rules / "ru.toml").write_text((harness.ROOT / "config/rules/ru.toml").read_text())
        (self.data / "dunlin.toml").write_text(text.replace("[node]\n", f'[node]\nrules_folder = "{rules}"\n', 1))
        (self.data / "carrier.toml").write_text('[[number]]\nmatch = "7*"\noutcome = "busy"\n')

    def change_limit(self):
        """One busy call a day instead of the operator's two."""
        file = self.data / "rules/ru.toml"
        head, part, tail = file.read_text().partition('part = "day"\nkind = "frequency"')
        file.write_text(head + part + tail.replace('limit_option = "max_unanswered_day"', "limit = 1", 1))

    def start_node_at(self, instant):
        self.processes = [(name, process) for name, process in self.processes if name != "node"]
        self.node = self.start("node", self.bin / "dunlind", "--config", self.data / "dunlin.toml", "--clock-start", instant)
        self.wait_for("the node", lambda: self.dunlin("health", check=False) != "", 120)

    def stop_node(self):
        self.node.send_signal(signal.SIGTERM)
        code = self.node.wait(timeout=60)
        self.expect(code == 0, f"the node ended with {code}")
        self.processes = [(name, process) for name, process in self.processes if name != "node"]

    def import_people(self, first, regions):
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerow(COLUMNS)
        for number, region in enumerate(regions, first):
            writer.writerow([f"Пробный {NAMES[number - 1]} Синтетический", f"{number:02}.05.1975", f"+7916111{number:04}", region, f"К-{number}", "2000", "200", "60"])
        file = self.data / f"people{first}.csv"
        file.write_text(text.getvalue())
        return self.dunlin("import", "run", str(file), "--portfolio", "demo")

    def case_of(self, number):
        return self.dunlin("case", "find", f"К-{number}")[0]["case"]

    def events(self, case, name):
        timeline = self.dunlin("case", "show", case)
        rows = timeline["rows"] if isinstance(timeline, dict) else timeline
        return [row for row in rows if row["event"] == name]

    def settled(self):
        return [row for row in self.dunlin("attempt", "list") if row["outcome"] == "busy"]

    def replay(self, *words):
        return self.dunlin("law", "replay", *words)

    def expect_same(self, report, least, when):
        self.say(f"law replay {when}: {report['decisions']} decisions, {report['same']} the same, {report['differing']} differ")
        self.expect(report["decisions"] >= least, f"{when}: only {report['decisions']} decisions were kept")
        self.expect(report["same"] == report["decisions"], f"{when}: {report}")

    def expect_two_sentences(self, place, language, words):
        told = self.dunlin("attempt", "why", place, "--lang", language)
        self.say(told["sentence"])
        self.expect(TWO_SENTENCES.fullmatch(BRACKETS_AND_DATES.sub("", told["sentence"])), f"not two sentences: {told['sentence']}")
        for word in words:
            self.expect(word in told["sentence"], f"`{word}` is missing: {told['sentence']}")
        return told

    def why(self, place):
        return self.dunlin("attempt", "why", place)

    def first_day(self):
        self.start_node_at(FIRST_START)
        self.add_agents()
        self.import_people(1, ["Москва"] * 4 + ["Камчатский край"])
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.dunlin("campaign", "start", "demo")
        self.wait_for("four busy numbers", lambda: len(self.settled()) == 4)
        self.wait_for("the refusal of the night", lambda: self.events(self.case_of(5), "attempt_denied"))
        self.dunlin("campaign", "pause", "demo")
        allowed = self.settled()[0]
        night = f"{self.case_of(5)}:{self.events(self.case_of(5), 'attempt_denied')[0]['n']}"
        self.expect_two_sentences(allowed["attempt"], "ru", ["Можно", "24.11.2026 15:0", "ст. 7 230-ФЗ"])
        self.expect_two_sentences(allowed["attempt"], "en", ["Allowed", "Europe/Moscow", "230-FZ art. 7"])
        self.expect_two_sentences(night, "ru", ["Нельзя", "не то время", "25.11.2026 08:00 (Asia/Kamchatka)"])
        self.expect_two_sentences(night, "en", ["Not allowed", "outside lawful hours", "25.11.2026 08:00 (Asia/Kamchatka)"])
        self.expect_same(self.replay(), 5, "under the first rules")
        again = self.dunlin("case", "why", self.case_of(1), "--at", LATER)
        self.expect(again["verdict"] == "allow", f"a second call after an hour and a half: {again['sentence']}")
        return {self.why(row["attempt"])["rule_set_version"] for row in self.settled()} | {self.why(night)["rule_set_version"]}

    def second_day(self, old_versions):
        self.start_node_at(SECOND_START)
        again = self.dunlin("case", "why", self.case_of(1), "--at", LATER)
        self.expect(again["verdict"] == "deny_until" and "RU-CNT-05" in [f["rule"] for f in again["findings"]], f"the changed limit: {again['sentence']}")
        self.import_people(6, ["Москва"])
        self.resume()
        self.wait_for("one more busy number", lambda: len(self.settled()) == 5)
        self.wait_for("the refusals of the changed limit", lambda: all(self.events(self.case_of(n), "attempt_denied") for n in (1, 2, 3, 4)))
        self.dunlin("campaign", "pause", "demo")
        self.expect_report(self.import_people(1, ["Москва"] * 4 + ["Камчатский край"]))
        denied = f"{self.case_of(1)}:{self.events(self.case_of(1), 'attempt_denied')[-1]['n']}"
        told = self.expect_two_sentences(denied, "ru", ["Нельзя", "звонки без ответа 1 из 1 за сутки", "25.11.2026"])
        self.expect_two_sentences(denied, "en", ["Not allowed", "unanswered calls 1 of 1 for a day", "25.11.2026"])
        newest = self.dunlin("attempt", "list")[0]["attempt"]
        new_versions = {told["rule_set_version"], self.why(newest)["rule_set_version"]}
        self.expect(len(old_versions) == 1 and len(new_versions) == 1 and not old_versions & new_versions,
                    f"versions {sorted(old_versions)} before, {sorted(new_versions)} after")
        self.expect_same(self.replay(), 10, "under two versions, node running")
        self.expect_same(self.replay("--since", SECOND_START), 5, "of the new decisions")

    def expect_report(self, report):
        """Four have no call left today, for the fifth it is night until the morning of the same day."""
        rules = {rule: denial["cases"] for rule, denial in report["denied_by_rule"].items()}
        counts = [report[key] for key in ("cases", "callable_now", "callable_later_today", "denied")]
        self.say(f"the report of an import: {counts}, {rules}")
        self.expect(counts == [5, 0, 1, 4] and rules == {"RU-CNT-05": 4, "RU-HRS-WD": 1}, f"the report of an import: {counts}, {rules}")

    def write_contract(self, numbers):
        config = self.data / "dunlin.toml"
        config.write_text(re.sub(r"(?m)^caller_ids = .*$", f"caller_ids = {json.dumps(numbers)}", config.read_text()))

    def resume(self):
        self.wait_for("the agents", lambda: self.ready_agents() == self.arguments.agents)
        self.dunlin("campaign", "resume", "demo")

    def third_day(self):
        """The carrier's contract is not written down any more: the campaign's number is shown to nobody (137-FZ)."""
        self.write_contract([])
        self.start_node_at(THIRD_START)
        before = len(self.settled())
        self.import_people(7, ["Москва"])
        self.resume()
        self.wait_for("the refusal of the number", lambda: self.events(self.case_of(7), "attempt_denied"))
        place = f"{self.case_of(7)}:{self.events(self.case_of(7), 'attempt_denied')[-1]['n']}"
        self.expect_two_sentences(place, "ru", ["Нельзя", "номер звонящего не разрешён", "137-FZ"])
        self.expect_two_sentences(place, "en", ["Not allowed", "the caller id is not permitted"])
        rules = [finding["rule"] for finding in self.why(place)["findings"]]
        self.expect(rules == ["RU-CLI-01"], f"the rules that spoke: {rules}")
        # The queue's length is told every few ticks: until then the campaign thinks that somebody is left.
        self.wait_for("why-idle to name the rule", lambda: "RU-CLI-01" in self.dunlin("campaign", "why-idle", "demo", "--lang", "en", as_json=False))
        self.expect(len(self.settled()) == before, "somebody was called from a number without a contract")
        self.expect_same(self.replay("--since", THIRD_START), 1, "of the refused number")
        refused = self.dunlin("campaign", "set", "demo", "caller_id=+74950000009", check=False, as_json=False)
        self.expect("no caller_ids" in refused or refused == "", f"a number without a contract was taken: {refused}")
        self.dunlin("campaign", "pause", "demo")

    def fourth_day(self):
        """Another number is contracted and given to the campaign: who was refused is asked again at once."""
        self.write_contract(["+74950000002"])
        self.start_node_at(FOURTH_START)
        before = len(self.settled())
        self.resume()
        self.dunlin("campaign", "set", "demo", "caller_id=+74950000002", as_json=False)
        self.wait_for("a call from the new number", lambda: len(self.settled()) == before + 1)
        self.dunlin("campaign", "pause", "demo")

    def replay_of_the_stopped_node(self):
        done = subprocess.run([self.bin / "dunlin", "--data", self.data / "node", "-o", "json", "law", "replay"], capture_output=True, text=True,
                              timeout=120, check=False)
        self.expect(done.returncode == 0, f"law replay of a stopped node ended with {done.returncode}: {done.stderr}")
        self.expect_same(json.loads(done.stdout), 10, "under two versions, node stopped")

    def run(self):
        self.make_folder()
        self.write_config()
        self.start_carrier()
        old_versions = self.first_day()
        self.stop_node()
        self.change_limit()
        self.second_day(old_versions)
        self.stop_node()
        self.third_day()
        self.stop_node()
        self.fourth_day()
        self.stop_node()
        self.replay_of_the_stopped_node()
        for problem in self.problems:
            print("VIOLATION:", problem)
        print(f"{len(self.problems)} violations")
        return 1 if self.problems else 0


if __name__ == "__main__":
    harness.run(LawLive, "law_live", agents=2)
