#!/usr/bin/env python3
"""Long work and the terminal: Ctrl-C leaves an import and a verification running and says how to follow them again, `import attach`
and `job attach` follow to the end, `import cancel` and `job cancel` stop them; `import columns` reads and changes nothing."""
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1)).resolve() / "bin"
TITLES = "ФИО;Дата рождения;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки\n"
ROWS = 40_000  # Seconds of work on a fast machine, more on a slow one.


def name(n):
    """Another person for each number."""
    return "".join("абвгдежзик"[int(digit)] for digit in str(n)).capitalize()


def people(first, count):
    return "".join(f"{name(n)} Иван Номерович;{n % 28 + 1:02d}.{n % 12 + 1:02d}.{1950 + n % 40};+7916{1000000 + n};Москва;Б-{n};2000;200;60\n"
                   for n in range(first, first + count))


class ImportVerbs(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-import-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data, log = self.folder / "data", self.folder / "node.log"
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15062"\n')
        with open(log, "w", encoding="utf-8") as output:
            node = subprocess.Popen([str(BIN / "dunlind"), "--config", str(config)], stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(node.wait)
        self.addCleanup(node.kill)
        self.wait_for(lambda: node.poll() is not None or self.dunlin("health").returncode in (0, 8))
        self.assertIsNone(node.poll(), log.read_text())

    def wait_for(self, is_true, seconds=60):
        until = time.monotonic() + seconds
        while not is_true():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def command(self, *words):
        return [str(BIN / "dunlin"), "--data", str(self.data), *map(str, words)]

    def dunlin(self, *words):
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=400)

    def json(self, *words):
        done = self.dunlin("-o", "json", *words)
        self.assertIn(done.returncode, (0, 8), done.stderr)
        return json.loads(done.stdout)

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
        self.wait_for(lambda: found or found.extend(under_way()) or found)
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


if __name__ == "__main__":
    unittest.main()
