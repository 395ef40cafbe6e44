"""A node of its own for each test: folder, settings, start, stop, and `dunlin` asked of it. For the tests that meet the programs
as an operator does; the first argument of such a test is the build folder."""
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(sys.argv.pop(1)).resolve() / "bin"

CSV = """ФИО;Дата рождения;ИНН;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки;Стадия
Тестова Проверка Образцовна;31.01.1980;;+79161110022;Москва;Т-1;1000,50;100,50;45;soft-1
Пробный Иван Иванович;12.05.1975;;8 (916) 111-00-33;Свердловская область;Т-2;2000;200;60;soft-1
Битый Телефон Петрович;12.05.1976;;12;Москва;Т-3;2000;200;60;soft-1
"""
TRUNK = """[[trunk]]
name = "carrier"
address = "127.0.0.1:15998"
local_bind = "127.0.0.1:15997"
caller_ids = ["+74950000001", "+74950000002"]
options_interval_s = 1
"""
# What these tell is made by a tick, a probe or a timer of the node: they are asked until they tell it.
TOLD_LATER = (["campaign", "pace"], ["campaign", "why-idle"], ["health"])


def dunlin(*words, timeout=60):
    return subprocess.run([str(word) for word in (BIN / "dunlin", *words)], capture_output=True, text=True, timeout=timeout)


class NodeTest(unittest.TestCase):
    command_limit_s = 60

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data, self.log = self.folder / "data", self.folder / "node.log"

    def launch(self, *command, **surroundings):
        """A process that is stopped at the end of the test; what it says is in the node's log."""
        with open(self.log, "a", encoding="utf-8") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=subprocess.STDOUT, **surroundings)
        self.addCleanup(self.stop, process)
        return process

    def start(self, *options, more="", **surroundings):
        """`more`: settings beside those every node here has."""
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15062"\n[media]\nport_min = 26000\nport_max = 26999\n{more}')
        process = self.launch(BIN / "dunlind", "--config", config, *options, **surroundings)
        self.wait_for("the node", lambda: process.poll() is not None or self.dunlin("health").returncode in (0, 8))
        self.assertIsNone(process.poll(), self.log.read_text())
        return process

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def wait_for(self, what, is_there, seconds=90):
        until = time.monotonic() + seconds
        while not is_there():
            self.assertLess(time.monotonic(), until, f"{what} did not come; the node said: {self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def command(self, *words):
        """For those who follow the program while it runs."""
        return [str(word) for word in (BIN / "dunlin", "--data", self.data, *words)]

    def dunlin(self, *words):
        return dunlin("--data", self.data, *words, timeout=self.command_limit_s)

    def json(self, *words):
        done = self.dunlin("-o", "json", *words)
        self.assertIn(done.returncode, (0, 8), done.stderr)
        return json.loads(done.stdout)

    def run_all(self, rows):
        """Each row: words, exit code, what the output or the error must hold. Returns the (noun, verb) pairs that ran."""
        ran = set()
        for words, code, text in rows:
            done = self.ask_until(words, code, text) if words[:2] in TOLD_LATER else self.dunlin(*words)
            self.assertEqual(done.returncode, code, f"dunlin {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
            self.assertIn(text, done.stdout + done.stderr, f"dunlin {' '.join(map(str, words))}")
            if code in (0, 5, 7, 8):
                verb = str(words[1]) if len(words) > 1 else ""
                ran.add((words[0], verb if verb.replace("-", "").isalpha() else ""))
        return ran

    def ask_until(self, words, code, text, seconds=30):
        """The last answer, right or not."""
        until = time.monotonic() + seconds
        while True:
            done = self.dunlin(*words)
            if (done.returncode == code and text in done.stdout + done.stderr) or time.monotonic() > until:
                return done
            time.sleep(0.1)
