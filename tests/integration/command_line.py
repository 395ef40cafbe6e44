#!/usr/bin/env python3
"""The programs as an operator meets them: exit codes, clear errors, a node without configuration, backup, no personal data
in the clear on the disk or in the logs."""
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
BIN = pathlib.Path(sys.argv.pop(1)) / "bin"

CSV = """ФИО;Дата рождения;ИНН;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки;Стадия
Тестова Проверка Образцовна;31.01.1980;;+79161110022;Москва;Т-1;1000,50;100,50;45;soft-1
Пробный Иван Иванович;12.05.1975;;8 (916) 111-00-33;Свердловская область;Т-2;2000;200;60;soft-1
Битый Телефон Петрович;12.05.1976;;12;Москва;Т-3;2000;200;60;soft-1
"""


def dunlin(*words, data=None):
    command = [BIN / "dunlin"] + (["--data", data] if data else []) + list(words)
    return subprocess.run([str(w) for w in command], capture_output=True, text=True, timeout=60)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"

    def start(self, *options):
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15062"\n[media]\nport_min = 26000\nport_max = 26999\n')
        log = open(self.folder / "node.log", "w")
        process = subprocess.Popen([str(BIN / "dunlind"), "--config", str(config), *options], stdout=log, stderr=subprocess.STDOUT)
        for _ in range(150):
            if dunlin("health", data=self.data).returncode == 0:
                self.addCleanup(self.stop, process)
                return process
            if process.poll() is not None:
                break
            time.sleep(0.1)
        self.fail("the node did not start: " + (self.folder / "node.log").read_text())

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        return process.wait(timeout=60)

    def test_wrong_usage_and_unreachable_nodes_have_their_exit_codes(self):
        self.assertEqual(dunlin().returncode, 2)
        gone = dunlin("health", data=self.data)
        self.assertEqual(gone.returncode, 6)
        self.assertIn("Start dunlind", gone.stderr)

    def test_config_check_names_the_line(self):
        bad = self.folder / "bad.toml"
        bad.write_text("[media]\nport_mim = 1\n")
        checked = dunlin("config", "check", bad)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("bad.toml:2: media.port_mim: unknown option; did you mean port_min?", checked.stderr)

    def test_law_check_reproduces_the_vectors(self):
        cases = ROOT / "tests/compliance/law_cases.csv"
        checked = dunlin("law", "check", "--cases", cases)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(checked.stdout.splitlines()[0], "id,decision,rule_id,until")
        self.assertEqual(len(checked.stdout.splitlines()), len(cases.read_text().splitlines()))

    def test_a_shifted_clock_needs_loopback_trunks(self):
        config = self.folder / "outside.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[[trunk]]\nname = "a"\naddress = "sip.example.org:5060"\n')
        done = subprocess.run([str(BIN / "dunlind"), "--config", str(config), "--clock-start", "2026-11-24T08:00:00Z"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("loopback", done.stderr)

    def test_import_shell_backup_and_a_clean_stop(self):
        process = self.start("--clock-start", "2026-11-24T08:00:00Z")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        done = dunlin("import", "run", portfolio, "--portfolio", "t", data=self.data)
        self.assertEqual(done.returncode, 7, done.stderr)  # one row came back
        rejects = self.folder / "portfolio.rejects.csv"
        self.assertIn("Ошибка", rejects.read_text())
        cases = json.loads(dunlin("-o", "json", "case", "list", data=self.data).stdout)
        self.assertEqual(len(cases), 2)
        again = dunlin("import", "run", portfolio, "--portfolio", "t", data=self.data)
        self.assertIn("unchanged", again.stdout)
        self.assertEqual(len(json.loads(dunlin("-o", "json", "case", "list", data=self.data).stdout)), 2)
        why = json.loads(dunlin("-o", "json", "case", "why", cases[0]["case"], data=self.data).stdout)
        self.assertTrue(why["clock_shifted"])
        found = dunlin("case", "find", "+79161110022", data=self.data)
        self.assertEqual(found.returncode, 0, found.stderr)
        typo = dunlin("cse", "list", data=self.data)
        self.assertEqual(typo.returncode, 2)
        self.assertIn("did you mean case", typo.stderr)
        backup = dunlin("backup", self.folder / "backup", data=self.data)
        self.assertEqual(backup.returncode, 0, backup.stderr)
        second = subprocess.run([str(BIN / "dunlind"), "--config", str(self.folder / "node.toml")], capture_output=True, text=True, timeout=30)
        self.assertEqual(second.returncode, 1)
        self.assertEqual(self.stop(process), 0)
        self.assert_nothing_personal()

    def assert_nothing_personal(self):
        """Encrypted on the disk, masked in the logs."""
        secrets = [text.encode() for text in ("Тестова", "Пробный", "9161110022", "9161110033", "Образцовна")]
        files = [f for f in list(self.data.rglob("*")) + [self.folder / "node.log"] if f.is_file()]
        self.assertGreater(len(files), 5)
        for file in files:
            content = file.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret, content, f"{file} holds personal data")


if __name__ == "__main__":
    unittest.main()
