#!/usr/bin/env python3
"""How long `dunlin case show` takes for one case with a long history while the node takes imports: a whole process each,
and the same in one shell session. The case's events are payments an operator records one by one. A question that needs no
case is asked in turn with the shows: what it takes is the machine's and the process's, not the history's. Exit code 1 when
the 99th percentile of either is above 200 ms.

usage: bench/case_show_bench.py BUILD_FOLDER [--events N] [--shows N] [--rows N] [--data FOLDER]
"""
import argparse
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import import_live_bench as live

LIMIT_MS = 200.0


def fail(why):
    raise SystemExit(f"case_show_bench: {why}")


class Load(threading.Thread):
    """Imports one file of new people after another until it is told to stop."""

    def __init__(self, bench):
        super().__init__()
        self.bench = bench
        self.is_over = threading.Event()
        self.is_running = threading.Event()
        self.rows = 0
        self.problem = ""

    def run(self):
        try:
            while not self.is_over.is_set():
                self.import_next()
        except Exception as error:  # The measurement of an idle node would be worth nothing.
            self.problem = str(error)
        self.is_running.set()

    def import_next(self):
        file = self.bench.write_portfolio("load.csv", map(live.row, range(1 + self.rows, 1 + self.rows + self.bench.arguments.rows)))
        self.is_running.set()
        report = self.bench.dunlin("import", "run", file, "--portfolio", "load")
        if report["created"] != self.bench.arguments.rows:
            raise RuntimeError(f"rows were lost: {report}")
        self.rows += self.bench.arguments.rows

    def stop(self):
        self.is_over.set()
        self.join()
        if self.problem:
            fail(f"the load failed: {self.problem}")


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.program = str(pathlib.Path(arguments.build).resolve() / "bin/dunlin")
        self.daemon = str(pathlib.Path(arguments.build).resolve() / "bin/dunlind")
        self.data = pathlib.Path(arguments.data).resolve()
        self.node = self.data / "node"
        # The shell keeps its history of commands there.
        self.environment = {**os.environ, "XDG_STATE_HOME": str(self.data / "state")}

    def command(self, *words):
        return [self.program, "--socket", str(self.node / "dunlin.sock"), *map(str, words)]

    def dunlin(self, *words):
        done = subprocess.run(self.command("-o", "json", *words), capture_output=True, text=True, timeout=1800)
        if done.returncode not in (0, 8):  # 8: the health of a node without a carrier is red.
            fail(f"`{' '.join(map(str, words))}`: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def write_portfolio(self, name, rows):
        file = self.data / name
        live.portfolio.write_csv(file, rows, "utf-8", ";")
        return file

    def start_node(self):
        if not pathlib.Path(self.daemon).exists():
            fail(f"{self.daemon} is missing: `./dev bench case_show` builds it first")
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        config = self.data / "bench.toml"
        config.write_text(live.CONFIG.format(node=self.node))
        log = open(self.data / "node.log", "w")
        process = subprocess.Popen([self.daemon, "--config", str(config), "--clock-start", "2026-11-24T08:00:00Z"], stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 120
        while subprocess.run(self.command("health"), capture_output=True).returncode == 6:
            if time.monotonic() > deadline or process.poll() is not None:
                process.kill()
                fail("the node did not start: " + (self.data / "node.log").read_text()[-500:])
            time.sleep(0.2)
        return process

    def make_case(self):
        """One person with as many events as asked: two of the import, the others payments."""
        person = live.row(0)
        person[live.TITLES.index("Номер договора")] = "BENCH-1"
        self.dunlin("import", "run", self.write_portfolio("one.csv", [person]), "--portfolio", "one")
        case = self.dunlin("case", "list", "--portfolio", "one")[0]["case"]
        lines = "".join(f'case pay {case} BENCH-1 --amount 1.00 --payment-id bench-{n}\n' for n in range(self.arguments.events))
        paid = subprocess.run(self.command("shell"), input=lines, capture_output=True, text=True, timeout=1800, env=self.environment)
        events = len(self.dunlin("case", "show", case))
        if events < self.arguments.events:
            fail(f"the case has {events} events only: {paid.stderr[-500:]}")
        print(f"a case with {events} events", flush=True)
        return case

    def process(self, *words):
        """Milliseconds of one `dunlin` from its start to its end, and the lines it printed."""
        begin = time.perf_counter()
        shown = subprocess.run(self.command(*words), capture_output=True, check=True).stdout
        return (time.perf_counter() - begin) * 1000, shown.count(b"\n")

    def processes(self, case):
        """The shows' milliseconds, those of as many questions that need no case, asked in turn with them, and a show's lines."""
        shows, questions = [], []
        for _ in range(self.arguments.shows):
            took, lines = self.process("case", "show", case)
            shows.append(took)
            questions.append(self.process("node", "show")[0])
        return shows, questions, lines

    def session(self, case, lines):
        """Milliseconds from a command's line to the last of its answer, in one shell on a terminal, which answers at once."""
        terminal, its_end = pty.openpty()
        shell = subprocess.Popen(self.command("shell"), stdin=subprocess.PIPE, stdout=its_end, env=self.environment)
        os.close(its_end)
        costs = []
        for _ in range(self.arguments.shows):
            begin = time.perf_counter()
            shell.stdin.write(f"case show {case}\n".encode())
            shell.stdin.flush()
            missing = lines
            while missing > 0:
                if not select.select([terminal], [], [], 60)[0]:
                    shell.kill()
                    fail(f"the shell did not answer: {missing} of {lines} lines are missing after a minute")
                missing -= os.read(terminal, 65536).count(b"\n")
            if missing < 0:
                fail(f"the shell printed {-missing} lines more than `dunlin case show` does")
            costs.append((time.perf_counter() - begin) * 1000)
        shell.stdin.close()
        shell.wait(timeout=30)
        os.close(terminal)
        return costs

    def judge(self, what, costs):
        costs = sorted(costs)
        at = {share: costs[min(len(costs) - 1, len(costs) * share // 100)] for share in (50, 95, 99)}
        print(f"{what:<25} {len(costs)}  p50 {at[50]:6.1f} ms  p95 {at[95]:6.1f} ms  p99 {at[99]:6.1f} ms  most {costs[-1]:6.1f} ms", flush=True)
        return at[99] <= LIMIT_MS

    def measure(self):
        case = self.make_case()
        load = Load(self)
        load.start()
        load.is_running.wait()
        begin = time.monotonic()
        try:
            costs, questions, lines = self.processes(case)
            sessions = self.session(case, lines)
            took = time.monotonic() - begin
        finally:
            load.stop()
        self.judge("for comparison: node show", questions)
        is_good = [self.judge("a process each", costs), self.judge("in one shell session", sessions)]
        print(f"meanwhile imports of {self.arguments.rows} rows ran, one after another: {load.rows} rows; the shows took {took:.0f} s; "
              f"{os.getloadavg()[0]:.1f} threads wanted {os.cpu_count()} cores", flush=True)
        return all(is_good)

    def run(self):
        process = self.start_node()
        try:
            is_good = self.measure()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)
        shutil.rmtree(self.data, ignore_errors=True)
        if not is_good:
            fail(f"the 99th percentile is above {LIMIT_MS:.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--shows", type=int, default=300)
    parser.add_argument("--rows", type=int, default=20_000, help="of one import of the load")
    parser.add_argument("--data", default="/tmp/dunlin-bench-case-show")
    arguments = parser.parse_args()
    if min(arguments.events, arguments.shows, arguments.rows) < 1:
        parser.error("--events, --shows and --rows must be 1 or more")
    Bench(arguments).run()


if __name__ == "__main__":
    main()
