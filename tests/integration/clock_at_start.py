#!/usr/bin/env python3
"""A node that finds a wrong wall clock when it starts: it starts, says so, and begins no call until the clock is set or the
operator confirms it. The clock is moved by a preloaded library (tests/support/clock_step.c). What is refused is a trunk test:
it needs a trunk's slot as every call does, and no lawful hour."""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
BIN = BUILD / "bin"
CARRIER, TRUNK, AGENTS = 15060, 15080, 15062
NUMBER = "+79990000001"
DAY = 24 * 3600  # Ahead of the machine: within the first minutes of the build's day a step back would be before it.
YEAR = 365 * DAY


class ClockAtStart(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-clock-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data, self.step_file = self.folder / "data", self.folder / "clock.step"
        self.config = self.folder / "node.toml"
        self.config.write_text(f"""[node]
data_folder = "{self.data}"
[agents]
tls_bind = "127.0.0.1:{AGENTS}"
[media]
port_min = 26000
port_max = 26999
[[trunk]]
name = "carrier"
address = "127.0.0.1:{CARRIER}"
local_bind = "127.0.0.1:{TRUNK}"
caller_ids = ["+74950000001"]
test_numbers = ["{NUMBER}"]
options_interval_s = 1
""")
        self.launch(BIN / "dunlin-carrier", "--listen", f"127.0.0.1:{CARRIER}", "--log", self.folder / "carrier.jsonl")

    def launch(self, *command, environment=None):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=subprocess.STDOUT, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def start(self, step_s, *options):
        self.step_file.write_bytes(struct.pack("q", (step_s + DAY) * 1000))
        preloaded = {**os.environ, "LD_PRELOAD": str(BUILD / "lib/libclock_step.so"), "DUNLIN_CLOCK_STEP_FILE": str(self.step_file)}
        self.node = self.launch(BIN / "dunlind", "--config", self.config, *options, environment=preloaded)
        self.wait_for(lambda: self.node.poll() is not None or self.dunlin("health").returncode in (0, 8))
        self.assertIsNone(self.node.poll(), (self.folder / "log").read_text())
        self.wait_for(lambda: json.loads(self.dunlin("-o", "json", "trunk", "list").stdout)[0]["health"] == "up")

    def stop(self):
        self.node.send_signal(signal.SIGTERM)
        self.assertEqual(self.node.wait(timeout=90), 0)

    def wait_for(self, is_true, seconds=60):
        until = time.monotonic() + seconds
        while not is_true():
            self.assertLess(time.monotonic(), until, (self.folder / "log").read_text()[-3000:])
            time.sleep(0.2)

    def dunlin(self, *words):
        return subprocess.run([str(BIN / "dunlin"), "--data", str(self.data), *words], capture_output=True, text=True, timeout=120)

    def problems(self):
        return " | ".join(json.loads(self.dunlin("-o", "json", "health").stdout)["problems"])

    def assert_doubted(self, witness):
        self.assertIn("clock: the wall clock said", self.problems())
        self.assertIn(witness, self.problems())
        self.assertIn("--clock-is-right", self.problems())
        refused = self.dunlin("trunk", "test", "carrier", "--to", NUMBER)
        self.assertNotEqual(refused.returncode, 0, refused.stdout)
        self.assertIn("takes no call now", refused.stderr)
        self.assertNotIn("INVITE", (self.folder / "carrier.jsonl").read_text())

    def assert_believed(self):
        self.assertNotIn("clock", self.problems())

    def test_a_clock_behind_the_last_stop_begins_no_call(self):
        self.start(0)
        self.assert_believed()
        self.stop()
        self.start(-3600)
        self.assert_doubted("the node's last stop")
        self.dunlin("campaign", "create", "soft", "--portfolio", "p")
        self.dunlin("campaign", "start", "soft")
        self.assertIn("health: clock: the wall clock said", self.dunlin("campaign", "why-idle", "soft", "--lang", "en").stdout)
        self.stop()
        # The doubted life has stopped an hour "before": that must not count as the last stop.
        self.start(-1800)
        self.assert_doubted("the node's last stop")
        self.stop()
        self.start(0, "--clock-start", "2020-01-01T08:00:00Z")
        self.assert_believed()  # Who shifts the clock says the time himself, and his stop is no witness.
        self.stop()
        self.start(-1800, "--clock-is-right")
        self.assert_believed()
        answered = self.dunlin("-o", "json", "trunk", "test", "carrier", "--to", NUMBER)
        self.assertEqual(json.loads(answered.stdout)["result"], "answered", answered.stderr)
        self.stop()
        self.start(-1800)
        self.assert_believed()  # The confirmed life has stopped by this clock.

    def test_a_clock_before_the_programs_day_begins_no_call(self):
        self.start(-10 * YEAR)
        self.assert_doubted("the day this program was built")


if __name__ == "__main__":
    unittest.main()
