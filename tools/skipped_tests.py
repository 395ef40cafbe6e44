#!/usr/bin/env python3
"""Which tests did not run, and why, from the report that ctest writes (--output-junit): whole tests that ended with their skip
code, and single cases of a GoogleTest program. A skip is no success: with DUNLIN_NO_SKIPS=1 any of them fails the run.

    skipped_tests.py REPORT.xml     exit codes: 0, 1 skips where none are allowed, 2 no report to read
"""
import os
import re
import sys
import xml.etree.ElementTree as xml

GTEST_CASE = re.compile(r"^\[ +SKIPPED \] ([\w/.]+) \(\d+ ms\)$")
GTEST_REASON = re.compile(r"^\S+:\d+: Skipped$")


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def skipped_cases(text):
    """(case, reason) of a GoogleTest program's output."""
    found, reason = [], "no reason given"
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if GTEST_REASON.match(line) and number + 1 < len(lines):
            reason = lines[number + 1].strip() or reason
        case = GTEST_CASE.match(line.strip())
        if case:
            found.append((case.group(1), reason))
            reason = "no reason given"
    return found


def skips_in(report):
    """(test, reason), in the report's order."""
    skips = []
    for test in xml.fromstring(report).iter("testcase"):
        name, output = test.get("name"), test.findtext("system-out") or ""
        if test.get("status") in ("notrun", "disabled"):
            skips.append((name, last_line(output)))
        else:
            skips += [(f"{name} {case}", reason) for case, reason in skipped_cases(output)]
    return skips


def main(words):
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(words[0], encoding="utf-8", errors="replace") as file:
            skips = skips_in(file.read())
    except (OSError, xml.ParseError) as problem:
        print(f"the report of the tests cannot be read: {problem}", file=sys.stderr)
        return 2
    if not skips:
        return 0
    print(f"\n{len(skips)} tests were skipped:")
    for name, reason in skips:
        print(f"  {name}: {reason}")
    if os.environ.get("DUNLIN_NO_SKIPS") != "1":
        return 0
    print("DUNLIN_NO_SKIPS=1: a skipped test is a failure here")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
