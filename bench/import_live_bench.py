#!/usr/bin/env python3
"""How fast a portfolio goes into a live node, beside what bounds it, all in one run: reading and understanding the file
alone, and writing the same bytes raw into an empty database. One debt and two phones a row; every row is committed and
synced before the import answers; a campaign runs on the portfolio meanwhile, so that every case is planned as well.

Exit code 1 when the best round of a format is below its goal (GOALS, rows a second).

usage: bench/import_live_bench.py BUILD_FOLDER [--rows N] [--formats csv,xlsx] [--rounds N] [--data FOLDER]
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import make_portfolio as portfolio

TITLES = ["ФИО", "Дата рождения", "Телефон 1", "Телефон 2", "Регион проживания", "Номер договора", "Кредитор", "Сумма долга",
          "Сумма просрочки", "Дней просрочки", "Стадия"]
GOALS = {"csv": 20_000, "xlsx": 10_000}
# Nobody listens at the trunk's address and no agent works: every case is planned, none is called.
CONFIG = '''[node]
data_folder = "{node}"
[agents]
tls_bind = "127.0.0.1:15961"
[media]
port_min = 27000
port_max = 27999
[[trunk]]
name = "bench"
address = "127.0.0.1:15962"
local_bind = "127.0.0.1:15963"
caller_ids = ["+74950000001"]
channels = 40
calls_per_second = 10.0
'''
REGIONS = ["Москва", "Свердловская область", "Приморский край", "Самарская область"]
portfolio.TITLES = TITLES


def row(index):
    index += 1  # A number that ends in seven zeros is taken for a filler.
    surname = "".join("абвгдежзик"[int(c)] for c in f"{index:07d}").capitalize() + "ов"
    born = f"{index % 28 + 1:02d}.{index % 12 + 1:02d}.{1950 + index % 50}"
    second = f"8 (926) {index // 10000:03d}-{index // 100 % 100:02d}-{index % 100:02d}"
    return [f"{surname} Пётр Ильич", born, f"+7916{index:07d}", second,
            REGIONS[index % 4], f"Д-2026/{index:07d}", "Банк «Северный берег»", float(index % 90000 + 1000), float(index % 900 + 100), index % 180 + 1, "soft-1"]


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.bin = pathlib.Path(arguments.build).resolve() / "bin"
        self.data = pathlib.Path(arguments.data).resolve()
        self.best = {}

    def say(self, what, rows, seconds, of=None):
        ratio = f"  {of[1] / seconds * 100:5.1f} % of {of[0]}" if of else ""
        print(f"{what:<34} {rows / seconds:>9.0f} rows/s  {seconds:>7.2f} s{ratio}", flush=True)

    def part(self, *words):
        return subprocess.run([str(self.bin / "import_parts"), *map(str, words)], capture_output=True, text=True, check=True).stdout.split()

    def dunlin(self, *words):
        command = [str(self.bin / "dunlin"), "--socket", str(self.node / "dunlin.sock"), "-o", "json", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def must(self, *words):
        if self.dunlin(*words) is None:
            raise SystemExit(f"import_live_bench: the node refused `{' '.join(words)}`")

    def import_live(self, file):
        """The node's own count of rows/s, and the wall time of the whole command with its report."""
        shutil.rmtree(self.node, ignore_errors=True)
        config = self.data / "bench.toml"
        config.write_text(CONFIG.format(node=self.node))
        log = open(self.data / "node.log", "w")
        process = subprocess.Popen([str(self.bin / "dunlind"), "--config", str(config), "--clock-start", "2026-11-24T08:00:00Z"], stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 120
            while not self.dunlin("health"):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit("import_live_bench: the node did not start: " + (self.data / "node.log").read_text()[-500:])
                time.sleep(0.2)
            self.must("campaign", "create", "bench", "--portfolio", "bench")
            self.must("campaign", "start", "bench")
            start = time.monotonic()
            report = self.dunlin("import", "run", file, "--portfolio", "bench")
            wall = time.monotonic() - start
            used = sum(float(x) for x in pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")
            if report["created"] != self.arguments.rows:
                raise SystemExit(f"import_live_bench: rows were lost: {report}")
            return report, wall, used
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)

    def measure(self, kind):
        file = self.data / f"bench.{kind}"
        rows = self.arguments.rows
        if kind == "csv":
            portfolio.write_csv(file, map(row, range(rows)), "utf-8", ";")
        else:
            portfolio.write_xlsx(file, map(row, range(rows)))
        accepted, seconds = self.part("parse", file)
        assert int(accepted) == rows
        parse = ("parsing", float(seconds))
        self.say(f"{kind}: read and understand", rows, parse[1])
        report, wall, used = self.import_live(file)
        live = report["elapsed_s"]
        self.best[kind] = max(self.best.get(kind, 0), rows / live)
        keys, size, seconds = self.part("rewrite", self.node)
        raw = ("raw write", float(seconds))
        self.say(f"{kind}: raw write of the same bytes", rows, raw[1])
        print(f"{'':<34} {int(keys) / rows:.1f} keys and {int(size) / rows:.0f} bytes a row")
        self.say(f"{kind}: into the live node", rows, live, parse)
        self.say("", rows, live, raw)
        print(f"{'':<34} {used / rows * 1e6:.0f} µs of processor a row in all; the report of the law took {wall - live:.1f} s more", flush=True)

    def run(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        self.node = self.data / "node"
        for _ in range(self.arguments.rounds):
            for kind in self.arguments.formats.split(","):
                self.measure(kind)
        shutil.rmtree(self.data, ignore_errors=True)
        missed = [f"{kind}: {best:.0f} rows/s, the goal is {GOALS[kind]}" for kind, best in self.best.items() if best < GOALS[kind]]
        for goal in missed:
            print("goal missed:", goal)
        return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--formats", default="csv,xlsx")
    parser.add_argument("--data", default="/tmp/dunlin-bench-import")
    sys.exit(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
