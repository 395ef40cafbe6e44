#!/usr/bin/env python3
"""Long work and the terminal: Ctrl-C leaves an import and a verification running and says how to follow them again, `import attach`
and `job attach` follow to the end, `import cancel` and `job cancel` stop them; `import columns` reads and changes nothing. The report at
the end of an import says whom the law lets be called. What a second file says of a known contract and of a known number: `import review`
names it and says what may be done."""
import json
import pathlib
import signal
import subprocess
import unittest

from command_fixture import NodeTest
from import_rows import TITLES, name, people

ROWS = 40_000  # Seconds of work on a fast machine, more on a slow one.


class ImportTest(NodeTest):
    clock = ()  # Words of the node's command line.
    command_limit_s = 400

    def setUp(self):
        super().setUp()
        self.start(*self.clock)


class ImportVerbs(ImportTest):
    def file(self, name, first, count):
        path = self.folder / name
        path.write_text(TITLES + people(first, count))
        return path

    def interrupt(self, *words, of, beyond=0.0):
        """Runs a command until its job is under way, presses Ctrl-C, and returns the job's id and what was said."""
        known = {job["job"] for job in self.json("job", "list")}
        follower = subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def under_way():
            return [job for job in self.json("job", "list") if job["job"] not in known and job["kind"] == of and job["share_done"] > beyond]

        found = []
        self.wait_for("the job", lambda: found or found.extend(under_way()) or found)
        job = found[0]
        follower.send_signal(signal.SIGINT)
        _, said = follower.communicate(timeout=60)
        self.assertEqual(follower.returncode, 130, said)
        return job["job"], said

    def test_ctrl_c_leaves_an_import_running_and_attach_follows_it(self):
        job, said = self.interrupt("import", "run", self.file("big.csv", 0, ROWS), "--portfolio", "big", of="import")
        self.assertIn(f"It goes on in the node. Follow it again: dunlin import attach {job}", said)
        self.assertEqual(self.json("import", "show", job)["state"], "running", "Ctrl-C is no cancel")
        end = self.json("import", "attach", job)
        self.assertEqual((end["state"], end["created"]), ("done", ROWS))
        self.assertEqual(self.dunlin("import", "attach", "imp_00000000000000aa").returncode, 3)
        # The same with a job of the node; this one is stopped.
        verify, said = self.interrupt("history", "rebuild", "--verify", of="verify", beyond=-1.0)
        self.assertIn(f"The job goes on in the node: dunlin job attach {verify}", said)
        stopped = self.dunlin("job", "cancel", verify)
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        followed = self.dunlin("job", "attach", verify)
        self.assertEqual(followed.returncode, 1, followed.stdout)
        self.assertIn("the job is cancelled", followed.stderr)
        self.assertEqual(self.json("job", "show", verify)["state"], "cancelled")

    def test_a_cancelled_import_keeps_what_it_took_and_nothing_more(self):
        for verb, first in (("import", 100_000), ("job", 200_000)):
            portfolio = f"p{first}"
            job, _ = self.interrupt("import", "run", self.file(f"{portfolio}.csv", first, ROWS), "--portfolio", portfolio, of="import")
            stopped = self.dunlin(verb, "cancel", job)
            self.assertEqual(stopped.returncode, 0, stopped.stderr)
            end = self.dunlin("import", "attach", job)
            self.assertEqual(end.returncode, 1, end.stdout)
            self.assertIn(f"cancelled; what it took stays: dunlin import undo {job}", end.stderr)
            seen = self.json("import", "show", job)
            self.assertEqual(seen["state"], "cancelled")
            self.assertLess(seen["created"], ROWS)
            self.assertEqual(self.dunlin("case", "find", f"Б-{first + ROWS - 1}").returncode, 3, "the last row was taken after all")
        self.assertEqual(self.dunlin("import", "cancel", "imp_00000000000000aa").returncode, 3)

    def test_columns_are_read_and_nothing_is_imported(self):
        file = self.file("small.csv", 0, 5)
        columns = self.json("import", "columns", file)
        by_title = {row["column"]: row for row in columns}
        self.assertEqual(set(by_title), set(TITLES.strip().split(";")), columns)
        self.assertEqual(self.json("case", "list"), [])
        self.assertEqual(self.json("import", "list"), [])
        refused = self.dunlin("import", "columns", self.folder / "nowhere.csv")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("nowhere.csv", refused.stderr)

    def register(self, name, *rows):
        path = self.folder / name
        path.write_text("ИНН;" + TITLES + "".join(f"{inn};{person};12.03.1981;{phone};Москва;{contract};{owed};{owed};{60 if owed else 0}\n"
                                                  for person, inn, phone, contract, owed in rows))
        return path

    def take(self, file, exit_code=0):
        done = self.dunlin("-o", "json", "import", "run", file, "--portfolio", "nov")
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_known_contract_or_number_of_another_person_is_reviewed(self):
        phone, inn = "+79161112233", "500100732259"
        first = self.take(self.register("first.csv", ("Синицына Анна Ильинична", "", phone, "Т-1", 2000),
                                        ("Галкина Вера Ильинична", inn, "+79161112244", "Т-2", 2000)))
        self.assertEqual((first["created"], first["review"]), (2, 0))
        holder = self.json("case", "find", "Т-1")[0]["case"]
        # Another surname and no stronger key: whether it is she, the node cannot know. Another contract goes in.
        second = self.take(self.register("second.csv", ("Воронина Анна Ильинична", "", phone, "Т-1", 2000),
                                         ("Грачёв Пётр Ильич", "", phone, "Т-3", 2000),
                                         ("Дроздова Вера Ильинична", inn, "+79161112244", "Т-2", 2000)), 7)
        self.assertEqual((second["created"], second["updated"], second["rejected"], second["review"]), (1, 1, 1, 2), second)
        self.assertEqual([case["case"] for case in self.json("case", "find", "Т-1")], [holder])
        self.assertEqual(len(self.json("case", "find", "Т-2")), 1, "the INN says that she married")
        contract, number = self.json("import", "review", second["import"])
        self.assertEqual((contract["line"], contract["code"], contract["taken"], contract["other"]), (2, "contract_elsewhere", False, holder))
        self.assertEqual((number["line"], number["code"], number["taken"], number["other"]), (3, "shared_phone", True, holder))
        self.assertIn("закройте договор", contract["advice"])
        self.assertIn("Чей телефон", number["advice"])
        self.assertIn("first import a row", self.json("import", "review", second["import"], "--lang", "en")[0]["advice"])
        titles, *returned = pathlib.Path(second["reject_file"]).read_text(encoding="utf-8-sig").splitlines()
        self.assertIn("Ошибка;Что исправить", titles)
        self.assertEqual(len(returned), 1)
        self.assertIn(f"в базе этот договор открыт у другого человека: {holder}", returned[0])
        self.assertEqual(self.take(self.folder / "second.csv", 7)["created"], 0, "the same file twice")
        # Undone: nothing is left to look at.
        self.assertEqual(self.json("import", "undo", second["import"], "--author", "tester")["kept"], 0)
        self.assertEqual(self.json("import", "review", second["import"]), [])
        self.assertEqual(self.json("import", "show", second["import"])["review"], 0)
        # The ways out that the advice names. She is the same: her former name teaches the node a key that the new name has too.
        for name, surname in (("taught.csv", "Синицына"), ("married.csv", "Воронина")):
            report = self.take(self.register(name, (f"{surname} Анна Ильинична", "770708389324", phone, "Т-1", 2000)))
            self.assertEqual((report["updated"], report["created"], report["review"]), (1, 0, 0), report)
        self.assertEqual([case["case"] for case in self.json("case", "find", "Т-1")], [holder])
        # Another owes it now: the former debtor's row closes the contract first.
        moved = self.register("moved.csv", ("Сорокина Ольга Ильинична", "", "+79161112255", "Т-1", 2000))
        self.assertEqual(self.take(moved, 7)["created"], 0)
        self.take(self.register("closed.csv", ("Воронина Анна Ильинична", "", phone, "Т-1", 0)))
        report = self.take(moved)
        self.assertEqual((report["created"], report["review"]), (1, 0), report)

    def test_one_file_with_one_contract_and_one_number_twice(self):
        report = self.take(self.register("twice.csv", ("Синицына Анна Ильинична", "", "+79161112233", "Т-1", 2000),
                                         ("Воронина Анна Ильинична", "", "+79161112266", "Т-1", 2000),
                                         ("Грачёв Пётр Ильич", "", "+79161112233", "Т-3", 2000)), 7)
        self.assertEqual((report["created"], report["rejected"], report["review"]), (2, 1, 1), report)
        item = self.json("import", "review", report["import"])[0]
        holder = self.json("case", "find", "Т-1")
        self.assertEqual((item["line"], item["code"], item["other"]), (4, "shared_phone", holder[0]["case"]))
        self.assertEqual(len(holder), 1)


class ImportReport(ImportTest):
    """Whom the law lets be called, counted at the end of an import: every group by the rule that speaks."""
    clock = ("--clock-start", "2026-11-24T05:20:00Z")  # Tuesday; 7:20 in Kaliningrad, 8:20 in Moscow, 17:20 in Kamchatka.
    COLUMNS = ["ФИО", "Дата рождения", "Телефон 1", "Владелец телефона 1", "Регион проживания", "Номер договора", "Сумма долга", "Сумма просрочки",
               "Дней просрочки", "Дата просрочки", "Банкротство", "Отказ от взаимодействия", "Представитель", "Умер"]

    def register(self, persons):
        lines = [";".join(self.COLUMNS)]
        for n, person in enumerate(persons):
            owed = person.get("Сумма долга", "2000")
            known = {"ФИО": f"{name(n + 10)} Иван Номерович", "Дата рождения": f"{n % 28 + 1:02d}.05.1975", "Телефон 1": f"+7916{1000000 + n}",
                     "Регион проживания": "Москва", "Номер договора": f"Б-{n}", "Сумма долга": owed, "Сумма просрочки": owed, "Дней просрочки": "60", **person}
            lines.append(";".join(known.get(column, "") for column in self.COLUMNS))
        file = self.folder / "report.csv"
        file.write_text("\n".join(lines) + "\n")
        return file

    def import_persons(self, persons):
        report = self.json("import", "run", self.register(persons), "--portfolio", "p")
        self.assertEqual((report["state"], report["created"], report["rejected"], report["review"]), ("done", len(persons), 0, 0), report)
        return report

    def verdict(self, contract, at):
        case = self.json("case", "find", contract)[0]["case"]
        return self.json("case", "why", case, "--at", at)["verdict"]

    def test_the_report_counts_every_group_by_the_rule_that_speaks(self):
        at_home = [{}] * 3 + [{"Регион проживания": "Камчатский край"}, {"Регион проживания": "Чукотский автономный округ"}]
        in_three_zones = [{"Регион проживания": "Республика Саха (Якутия)"}]
        still_night = [{"Регион проживания": "Калининградская область"}] * 2
        no_region = [{"Регион проживания": ""}] * 3
        too_early = [{"Отказ от взаимодействия": "01.10.2026"}]  # Heard only from the fourth month of arrears on (230-FZ art. 8).
        barred = [{"Банкротство": "01.03.2026"}, {"Отказ от взаимодействия": "01.10.2026", "Дата просрочки": "01.01.2026"},
                  {"Отказ от взаимодействия": "02.10.2026", "Дата просрочки": "01.02.2026"},
                  {"Представитель": "01.10.2026"}, {"Умер": "01.10.2026"}, {"Владелец телефона 1": "родственник"}]
        paid = [{"Сумма долга": "0"}]
        persons = at_home + in_three_zones + still_night + no_region + too_early + barred + paid
        report = self.import_persons(persons)
        self.assertEqual(report["cases"], 19)
        self.assertEqual(report["cases_per_zone"], {"Europe/Moscow": 10, "Europe/Kaliningrad": 2, "Asia/Kamchatka": 1, "Asia/Anadyr": 1, "several zones": 1})
        self.assertEqual([report[key] for key in ("cases_without_zone", "callable_now", "callable_later_today", "denied", "closed")], [3, 7, 5, 6, 1])
        self.assertEqual({rule: denial["cases"] for rule, denial in report["denied_by_rule"].items()},
                         {"RU-HRS-WD": 5, "RU-PRS-01": 1, "RU-REF-01": 2, "RU-REP-01": 1, "GEN-05": 1, "RU-3P-01": 1})
        self.assertIn("около четырёх часов в день", report["warning"])
        # What was said at the end of the import is what is kept, and what people read has the same numbers.
        shown = self.json("import", "show", report["import"])
        self.assertEqual(shown["denied_by_rule"], report["denied_by_rule"])
        for language, words in (("ru", ["человек отказался от взаимодействия", "человек действует через представителя", "номер третьего лица без обоих согласий",
                                        "человек умер, просил прекратить", "у 3 человек нет региона"]),
                                ("en", ["the person refused contact", "the person acts through a representative", "a third party's number without both consents",
                                        "3 persons have no region"])):
            text = self.dunlin("import", "show", report["import"], "--lang", language).stdout
            for label, count in (("cases_without_zone", 3), ("callable_now", 7), ("callable_later_today", 5), ("denied", 6), ("closed", 1),
                                 ("Europe/Moscow", 10), ("Europe/Kaliningrad", 2), ("several zones", 1)):
                self.assertRegex(text, rf"(?m)^ *{label} +{count}$")
            for rule, count in (("RU-HRS-WD", 5), ("RU-REF-01", 2), ("RU-PRS-01", 1), ("RU-3P-01", 1)):
                self.assertRegex(text, rf"(?m)^ *{rule} +cases={count} ")
            for word in words:
                self.assertIn(word, text)

    def test_a_person_without_a_region_has_the_four_hours_the_report_speaks_of(self):
        report = self.import_persons([{"Регион проживания": ""}])
        self.assertEqual((report["cases_without_zone"], report["callable_now"], report["callable_later_today"]), (1, 0, 1))
        # From eight o'clock in Kaliningrad to ten in the evening in Kamchatka.
        self.assertEqual([self.verdict("Б-0", f"2026-11-24T{time}Z") for time in ("05:59:00", "06:00:00", "09:55:00", "10:00:00")],
                         ["deny_until", "allow", "allow", "deny_until"])

    def test_everybody_with_a_region_brings_no_warning(self):
        report = self.import_persons([{}] * 2)
        self.assertEqual((report["cases_without_zone"], report["warning"], report["denied_by_rule"], report["callable_now"]), (0, "", {}, 2))
        self.assertNotIn("warning  у", self.dunlin("import", "show", report["import"]).stdout)


if __name__ == "__main__":
    unittest.main()
