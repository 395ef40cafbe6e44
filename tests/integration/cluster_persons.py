#!/usr/bin/env python3
"""Three nodes, two copies of every shard: each node lacks a third of the people, and an import finds them all the same.

A portfolio goes in on a; another about the same people, under stronger keys, with other debts and numbers, on b. Then two files about
the same new people go in on a and on c at once. Last, c is told that two people are one, whose cases it may hold no copy of. Every
person has one case in the end, and every debt is there.
"""
import concurrent.futures
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import cluster_rig
import main_job
from import_rows import name

KNOWN, NEW, TORN = 400, 150, 60
TITLES = "ИНН;СНИЛС;ФИО;Дата рождения;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки\n"


def tax_number(n):
    """Of a person, with its two check digits."""
    digits = [int(d) for d in f"77{n:08d}"]
    for weights in ([7, 2, 4, 10, 3, 5, 9, 4, 6, 8], [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]):
        digits.append(sum(d * w for d, w in zip(digits, weights)) % 11 % 10)
    return "".join(map(str, digits))


def insurance_number(n):
    digits = f"1{n:08d}"
    check = sum(int(d) * (9 - i) for i, d in enumerate(digits)) % 101 % 100
    return f"{digits}{check:02d}"


def row(n, contract, phone, inn="", snils="", has_birth_date=True):
    born = f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.{1950 + n % 40}" if has_birth_date else ""
    return f"{inn};{snils};{name(n)} Иван Номерович;{born};+7916{phone:07d};Москва;{contract};2000;200;60\n"


class ClusterPersons(cluster_rig.ClusterRig, rig.LastingNode):
    nodes = ("a", "b", "c")

    def __init__(self, arguments):
        super().__init__(arguments, "cluster_persons")
        self.arguments.scenario = str(main_job.ROOT / "tests/integration/failing_carrier.toml")

    def take(self, node, portfolio, rows):
        """Imports at the node; the report."""
        file = self.data / f"{portfolio}-{node}.csv"
        file.write_text(TITLES + "".join(rows))
        command = [str(self.bin / "dunlin"), "--socket", str(self.folder(node) / "dunlin.sock"), "-o", "json", "import", "run", str(file),
                   "--portfolio", portfolio]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if not done.stdout.strip():
            raise SystemExit(f"import of {file.name}: {done.stderr}")
        report = json.loads(done.stdout)
        self.say(f"{file.name}: {report['state']}, {report['created']} new, {report['updated']} updated, {report['rejected']} back, "
                 f"{report['merged']} merged, {report.get('merges_waiting', 0)} wait, {report['elapsed_s']:.1f} s")
        return report

    def people(self):
        """Cases that are somebody: those merged into another are only names."""
        cases = {}
        for node in self.nodes:
            for case in self.ask(node, "case", "list", "--limit", "1000"):
                cases[case["case"]] = case
        return {case: row for case, row in cases.items() if row["state"] != "aliased"}

    def expect_people(self, what, people, debts):
        """How many people are called, and how many debts all of them have together."""
        def counted():
            cases = self.people()
            return len(cases), sum(case["debts"] for case in cases.values())
        deadline = time.monotonic() + 15
        while counted() != (people, debts) and time.monotonic() < deadline:
            time.sleep(0.3)  # The copies that `case list` reads follow by some tenths of a second.
        found = counted()
        self.say(f"{what}: {found[0]} people, {found[1]} debts")
        self.expect(found == (people, debts), f"{what}: {found[0]} people with {found[1]} debts, not {people} with {debts}")

    def run(self):
        self.start_cluster()
        self.wait_for("the copies", lambda: self.is_settled(self.nodes), 60)
        self.find_the_known()
        self.meet_the_new()
        self.join_the_torn()
        self.wait_for_an_owner()
        return self.verdict()

    def find_the_known(self):
        first = self.take("a", "first", [row(n, f"А-{n}", n + 1) for n in range(KNOWN)])
        self.expect(first["created"] == KNOWN, f"a made {first['created']} cases of {KNOWN} rows")
        second = self.take("b", "second", [row(n, f"Б-{n}", 1_000_000 + n, inn=tax_number(n)) for n in range(KNOWN)])
        self.expect((second["created"], second["updated"]) == (0, KNOWN), f"b made {second['created']} new cases of people the cluster knows")
        self.expect_people("known on a, imported on b", KNOWN, 2 * KNOWN)

    def meet_the_new(self):
        """Neither file's rows are known when the other's are looked up; each row's strongest key is another."""
        new = range(KNOWN, KNOWN + NEW)
        with concurrent.futures.ThreadPoolExecutor() as both:
            there = both.submit(self.take, "a", "third", [row(n, f"В-{n}", n, inn=tax_number(n)) for n in new])
            here = both.submit(self.take, "c", "fourth", [row(n, f"Г-{n}", 1_000_000 + n, snils=insurance_number(n)) for n in new])
            made = there.result()["created"] + here.result()["created"]
        self.say(f"{made} cases were made of {NEW} people in both files")
        self.expect_people("new in two files at once", KNOWN + NEW, 2 * (KNOWN + NEW))

    def join_the_torn(self):
        """Two cases that share no key, and a row with the keys of both."""
        torn = range(KNOWN + NEW, KNOWN + NEW + TORN)
        self.take("a", "fifth", [row(n, f"Д-{n}", n, inn=tax_number(n), has_birth_date=False) for n in torn])
        self.take("b", "sixth", [row(n, f"Е-{n}", 1_000_000 + n, snils=insurance_number(n), has_birth_date=False) for n in torn])
        self.expect_people("torn in two", KNOWN + NEW + 2 * TORN, 2 * (KNOWN + NEW + TORN))
        joined = self.take("c", "fifth", [row(n, f"Д-{n}", n, inn=tax_number(n), snils=insurance_number(n), has_birth_date=False) for n in torn])
        self.expect(joined["merged"] == TORN, f"{joined['merged']} of {TORN} were joined")
        self.expect_people("joined on c", KNOWN + NEW + TORN, 2 * (KNOWN + NEW + TORN))

    def wait_for_an_owner(self):
        """Node b is killed: until others own its people, an import at a waits for them and takes nobody for new."""
        process = self.let_go("node-b")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.nodes = ("a", "c")
        after = self.take("a", "seventh", [row(n, f"Ж-{n}", 2_000_000 + n, snils=insurance_number(n)) for n in range(KNOWN)])
        self.expect((after["state"], after["created"], after["updated"]) == ("done", 0, KNOWN), f"after the kill: {after}")


if __name__ == "__main__":
    main_job.run_and_stop(ClusterPersons(rig.parse(__doc__)))
