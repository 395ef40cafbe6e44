#!/usr/bin/env python3
"""Imports beside live dialing, judged by the carrier's own log: new cases are dialed, a debt paid by an import is not dialed
after the import's answer, the same file twice changes nothing, keys learned later merge two cases, an import can be taken
back, and damaged or hostile files are refused in one clear sentence while calls go on.

usage: tests/integration/import_live.py BUILD_FOLDER
"""
import json
import pathlib
import subprocess
import sys
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import main_job
import make_portfolio as portfolio
import rig


TITLES = "ФИО;Дата рождения;ИНН;Паспорт;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки"
FAMILY = ["Антонов", "Белов", "Волков", "Громов", "Ежов", "Жуков", "Зимин", "Ильин", "Котов", "Лосев"]
GIVEN = ["Пётр", "Иван", "Егор", "Олег", "Юрий", "Глеб", "Илья", "Лев", "Марк", "Ян"]

SCENARIO = """# Every call ends soon, so that the whole portfolio is dialed within the test.
[mix]
busy = 80
person = 20
[ring]
post_dial_delay_ms = [50, 200]
answer_after_ms = [200, 800]
[talk]
talk_ms = [500, 1500]
patience_ms = [500, 1500]
"""


def person(index, *, paid=False, contract=None, inn="", passport="", birth=True, phone=None, region="Москва"):
    name = f"{FAMILY[index % 10]} {GIVEN[index // 10 % 10]} {GIVEN[index // 100 % 10]}ович"
    born = f"{index % 28 + 1:02d}.{index % 12 + 1:02d}.{1960 + index % 30}" if birth else ""
    owed = "0" if paid else "12000"
    return ";".join([name, born, inn, passport, phone or number(index), region, contract or f"К-{index}", owed, owed, "0" if paid else "40"])


def inn(serial):
    """A person's INN with right check digits; no tax office is called 00."""
    digits = [int(c) for c in f"{serial:010d}"]
    for weights in ([7, 2, 4, 10, 3, 5, 9, 4, 6, 8], [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]):
        digits.append(sum(d * w for d, w in zip(digits, weights)) % 11 % 10)
    return "".join(map(str, digits))


def number(index):
    return f"+7916{1000000 + index}"


class ImportLive(rig.LastingNode):
    persons, paid, fresh = 160, range(20, 100), range(500, 530)

    def write_csv(self, name, rows):
        path = self.data / name
        path.write_text(TITLES + "\n" + "\n".join(rows) + "\n")
        return path

    def cli(self, *words):
        command = [str(self.bin / "dunlin"), "--socket", str(self.data / "node/dunlin.sock"), "-o", "json", *[str(w) for w in words]]
        return subprocess.run(command, capture_output=True, text=True, timeout=240)

    def import_file(self, path, expect=0, *options, portfolio="demo"):
        done = self.cli("import", "run", path, "--portfolio", portfolio, *options)
        assert done.returncode == expect, f"import of {path.name}: exit {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def invites(self):
        """Number to the wall times of its first INVITEs at the carrier."""
        found = {}
        for event in rig.judge.read_log(self.carrier_log()):
            if event.get("event") == "invite" and not event["is_retransmission"] and not event["is_reinvite"]:
                found.setdefault("+" + event["number"].lstrip("+"), []).append(event["ts"] / 1000)
        return found

    def start_all(self):
        self.make_folder()
        self.write_config()
        self.arguments.scenario = str(self.data / "carrier.toml")
        pathlib.Path(self.arguments.scenario).write_text(SCENARIO)
        self.start_carrier()
        self.start_node()
        self.add_agents()

    def test_report_and_repetition(self):
        first = self.write_csv("first.csv", [person(i) for i in range(self.persons)])
        report = self.import_file(first)
        assert report["created"] == self.persons and report["state"] == "done", report
        assert report["cases_per_zone"] == {"Europe/Moscow": self.persons}, report["cases_per_zone"]
        assert report["callable_now"] == self.persons and report["denied"] == 0, report
        assert report["warning"] == "", report["warning"]
        again = self.import_file(first)
        assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, self.persons), again
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        self.dunlin("campaign", "start", "demo")
        self.wait_for("the first calls", lambda: len(self.invites()) >= 5, 120)

    def test_payment_and_new_cases_while_dialing(self):
        second = self.write_csv("second.csv", [person(i, paid=True) for i in self.paid] + [person(i) for i in self.fresh])
        before = set(self.invites())
        report = self.import_file(second)
        acknowledged = time.time()
        assert report["created"] == len(self.fresh), report
        assert report["updated"] == len(self.paid), report
        self.say(f"paid by import: {len(self.paid)}, dialed before it: {len(before)}; {report['rows_per_s']} rows/s beside the calls")
        open_numbers = {number(i) for i in range(self.persons) if i not in self.paid}
        new_numbers = {number(i) for i in self.fresh}
        self.wait_for("the calls to the others", lambda: len(open_numbers & set(self.invites())) >= 0.9 * len(open_numbers)
                      and len(new_numbers & set(self.invites())) >= 0.9 * len(new_numbers), 300)
        self.acknowledged = acknowledged
        return acknowledged

    def judge_payments(self):
        paid_numbers = {number(i) for i in self.paid}
        late = {n: [t for t in times if t > self.acknowledged] for n, times in self.invites().items() if n in paid_numbers}
        late = {n: times for n, times in late.items() if times}
        assert not late, f"paid and dialed after the answer at {self.acknowledged}: {late}"
        never = len(paid_numbers - set(self.invites()))
        assert never > 0, "every paid person had been dialed before: nothing was proven"
        self.say(f"{never} paid persons were never dialed, none after the answer")

    def test_key_learned_later(self):
        """Two cases, then one row with the keys of both: one case, whose former id is an alias."""
        passport = "4509 123456"
        self.import_file(self.write_csv("a.csv", [person(700, inn=inn(700), birth=False, contract="М-1", phone=number(700))]))
        self.import_file(self.write_csv("b.csv", [person(701, passport=passport, birth=False, contract="М-2", phone=number(701))]))
        first = self.dunlin("case", "find", "М-1")[0]["case"]
        second = self.dunlin("case", "find", "М-2")[0]["case"]
        assert first != second
        report = self.import_file(self.write_csv("c.csv", [person(700, inn=inn(700), passport=passport, birth=False, contract="М-3", phone=number(700))]))
        if report["merges_waiting"]:
            self.wait_for("the merge after the call", lambda: len({self.dunlin("case", "find", m)[0]["case"] for m in ("М-1", "М-2")}) == 1, 120)
        found = [self.dunlin("case", "find", contract) for contract in ("М-1", "М-2", "М-3")]
        ids = {view["case"] for views in found for view in views}
        assert len(ids) == 1, found
        survivor = ids.pop()
        other = second if survivor == first else first
        paid = self.cli("case", "pay", other, "М-2", "--amount", "100")
        assert paid.returncode == 0, f"a command to the former id: {paid.stderr}"
        # Another INN under the same passport is for a person to decide.
        conflict = self.import_file(self.write_csv("d.csv", [person(702, inn=inn(702), passport=passport, birth=False, contract="М-4")]), 7)
        assert conflict["review"] == 1 and conflict["rejected"] == 1, conflict
        review = self.dunlin("import", "review", conflict["import"])
        assert review[0]["code"] == "known_otherwise", review

    def test_one_file_teaches_a_key(self):
        """Rows of one person with different front keys, tied together by a later row of the same file."""
        rows = [person(720, inn=inn(720), birth=False, contract="Ф-1", phone=number(720)),
                person(721, passport="4510 654321", birth=False, contract="Ф-2", phone=number(721)),
                person(720, inn=inn(720), passport="4510 654321", birth=False, contract="Ф-3", phone=number(720))]
        self.import_file(self.write_csv("tied.csv", rows))
        self.wait_for("the merge", lambda: len({self.dunlin("case", "find", f"Ф-{n}")[0]["case"] for n in (1, 2, 3)}) == 1, 120)

    def test_namesake_is_a_review_item(self):
        report = self.import_file(self.write_csv("name.csv", [person(3, inn=inn(3), birth=False, contract="Т-1", phone=number(730))]), 0)
        review = self.dunlin("import", "review", report["import"])
        assert report["review"] >= 1 and review[0]["code"] == "namesake" and review[0]["taken"], review

    def test_undo(self):
        rows = [person(i) for i in range(800, 840)]
        report = self.import_file(self.write_csv("wrong.csv", [row.replace("Москва", "Камчатский край") for row in rows]), portfolio="other")
        assert report["cases_per_zone"] == {"Asia/Kamchatka": 40}, report
        worked = self.dunlin("case", "find", "К-801")[0]["case"]
        assert self.cli("case", "pay", worked, "К-801", "--amount", "100").returncode == 0
        undone = self.cli("import", "undo", report["import"], "--author", "tester")
        fields = json.loads(undone.stdout)
        assert fields["undone"] + fields["kept"] == 40 and fields["undo_author"] == "tester", fields
        assert fields["kept_cases"] == [{"case": worked, "why": "payment"}], fields
        assert self.cli("case", "find", "К-800").returncode == 3
        repeated = json.loads(self.cli("import", "undo", report["import"]).stdout)
        assert repeated["undone"] == 0, repeated

    def test_undo_goes_on_after_a_crash(self):
        count = 600
        report = self.import_file(self.write_csv("mistake.csv", [person(i) for i in range(2000, 2000 + count)]), portfolio="other")
        assert report["created"] == count, report
        before = self.dunlin("health")["cases"]
        undo = subprocess.Popen([str(self.bin / "dunlin"), "--socket", str(self.data / "node/dunlin.sock"), "import", "undo", report["import"]],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for("the undo's beginning", lambda: self.dunlin("import", "show", report["import"])["undo"] != "", 60)
        self.kill_node()
        undo.wait(timeout=60)
        self.start_node()
        self.wait_for("the undo's end", lambda: self.dunlin("import", "show", report["import"])["undo"] == "done", 240)
        left = [i for i in range(2000, 2000 + count, 37) if self.cli("case", "find", f"К-{i}").returncode != 3]
        assert not left, f"contracts that the undo left: {left}"
        assert self.dunlin("health")["cases"] == before

    def test_bad_files(self):
        folder = self.data / "bad"
        folder.mkdir()
        (folder / "empty.csv").write_bytes(b"")
        (folder / "broken.xlsx").write_bytes(b"PK\x03\x04" + bytes(200))
        (folder / "encrypted.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048))
        (folder / "columns.csv").write_text("Имя собаки;Кличка\nа;б\n")
        (folder / "noise.csv").write_bytes(bytes((i * 37 + 11) % 256 for i in range(4096)))
        with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
            for name, text in portfolio.FIXED_PARTS.items():
                bomb.writestr(name, portfolio.HEAD + text)
            bomb.writestr("xl/worksheets/sheet1.xml", f'{portfolio.HEAD}<worksheet xmlns="{portfolio.SHEET_NS}"><sheetData>' + " " * 80_000_000)
        for file in sorted(folder.iterdir()):
            done = self.cli("import", "run", file, "--portfolio", "bad")
            said = done.stderr.strip()
            assert done.returncode != 0, f"{file.name} was taken: {done.stdout}"
            assert said.startswith("dunlin: ") and len(said) > 30 and "\n" not in said, f"{file.name}: {said!r}"
            self.say(f"{file.name}: {said[8:]}")
        assert self.dunlin("health")["status"]

    def test_templates(self):
        odd = self.data / "odd.csv"
        odd.write_text("Кто;Родился;Куда звонить;Бумага;Долг к оплате\nПробный Иван Иванович;12.05.1975;+79161119999;Ш-1;500\n")
        assert self.cli("import", "run", odd, "--portfolio", "demo").returncode == 1
        wrong = self.cli("import", "template", "save", "odd", odd, "--map", "Кто=fullname")
        assert wrong.returncode == 2 and "Кто" in wrong.stderr and "full_name" in wrong.stderr, wrong.stderr
        saved = self.cli("import", "template", "save", "odd", odd, "--map",
                         "Кто=full_name;Родился=birth_date;Куда звонить=phone;Бумага=contract_id;Долг к оплате=balance")
        assert saved.returncode == 0, saved.stderr
        assert [row["template"] for row in self.dunlin("import", "template", "list")] == ["odd"]
        assert self.import_file(odd, 0, "--template", "odd")["created"] == 1
        assert self.cli("import", "template", "delete", "odd").returncode == 0
        assert self.cli("import", "run", odd, "--template", "odd").returncode == 1

    def test_no_region_is_said(self):
        report = self.import_file(self.write_csv("nowhere.csv", [person(900, region="")]))
        assert report["cases_without_zone"] == 1 and "четырёх часов" in report["warning"], report

    def run(self):
        self.start_all()
        for test in (self.test_report_and_repetition, self.test_payment_and_new_cases_while_dialing, self.test_key_learned_later,
                     self.test_one_file_teaches_a_key, self.test_namesake_is_a_review_item, self.test_undo, self.test_templates,
                     self.test_no_region_is_said, self.test_bad_files, self.judge_payments, self.test_undo_goes_on_after_a_crash):
            self.say(test.__name__.replace("_", " "))
            test()
        verified = self.dunlin("history", "rebuild", "--verify")
        assert not verified["differing_cases"], verified
        print("all held")
        return 0


if __name__ == "__main__":
    main_job.run_and_stop(ImportLive(rig.parse(__doc__, seed=3), "import_live"))
