#!/usr/bin/env python3
"""The list of skipped tests: what it finds in a report of ctest, and when it fails the run."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools/skipped_tests.py"
sys.path.insert(0, str(TOOL.parent))
import skipped_tests

GOOD = '<testcase name="good" status="run"><system-out>all is well</system-out></testcase>'
SKIPPED = '<testcase name="outages" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out>begin\nskipped: no namespaces\n\n</system-out></testcase>'
SILENT = '<testcase name="mute" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out></system-out></testcase>'
PARTLY = """<testcase name="test_storage" status="run"><system-out>[ RUN      ] FullDisk.KeepsOutcomes
/src/tests/storage/full_disk_test.cpp:19: Skipped
this system gives no user namespaces

[  SKIPPED ] FullDisk.KeepsOutcomes (3 ms)
[       OK ] FullDisk.Other (1 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] FullDisk.KeepsOutcomes
</system-out></testcase>"""


def report(*cases):
    return f'<?xml version="1.0" encoding="UTF-8"?><testsuite name="x">{"".join(cases)}</testsuite>'


class SkippedTests(unittest.TestCase):
    def run_tool(self, text, **environment):
        with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            kept = {name: value for name, value in os.environ.items() if name != "DUNLIN_NO_SKIPS"}
            done = subprocess.run([sys.executable, str(TOOL), file.name], capture_output=True, text=True, timeout=60, env={**kept, **environment})
        return done.returncode, done.stdout + done.stderr

    def test_finds_whole_tests_and_single_cases_with_their_reasons(self):
        self.assertEqual(skipped_tests.skips_in(report(GOOD, SKIPPED, PARTLY, SILENT)),
                         [("outages", "skipped: no namespaces"), ("test_storage FullDisk.KeepsOutcomes", "this system gives no user namespaces"),
                          ("mute", "no reason given")])

    def test_fails_only_where_skips_are_forbidden(self):
        code, said = self.run_tool(report(GOOD, SKIPPED))
        self.assertEqual(code, 0)
        self.assertIn("1 tests were skipped:\n  outages: skipped: no namespaces", said)
        code, said = self.run_tool(report(GOOD, PARTLY), DUNLIN_NO_SKIPS="1")
        self.assertEqual(code, 1)
        self.assertIn("a skipped test is a failure here", said)
        self.assertEqual(self.run_tool(report(GOOD), DUNLIN_NO_SKIPS="1"), (0, ""))

    def test_a_report_that_cannot_be_read_is_no_success(self):
        self.assertEqual(self.run_tool("<testsuite>")[0], 2)
        done = subprocess.run([sys.executable, str(TOOL), "/nowhere.xml"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
