#!/usr/bin/env python3
"""Reads the repository and holds it to the laws of the house: layers, doors of foreign libraries, banned calls, sizes.

usage: tidy.py SOURCE_FOLDER; prints every offence as file:line: text and exits 1 when there is one.
"""
import pathlib
import re
import sys

import originators

MODULES = ["core", "config", "actors", "sip", "media", "storage", "cluster", "numbering", "gateways", "api", "app"]

# module -> modules whose headers it may include. An actor adapter (…_actor.*) may include contracts as well.
MAY_INCLUDE = {
    "core": {"core"},
    "config": {"core", "config"},
    "actors": {"core", "config", "actors"},
    "sip": {"core", "config", "sip"},
    "media": {"core", "config", "media"},
    "storage": {"core", "config", "storage"},
    "numbering": {"core", "config", "numbering"},
    "gateways": {"core", "config", "gateways"},
    "cluster": {"core", "config", "cluster"},
    "api": {"core", "config", "actors", "api"},
    "app": set(MODULES),
}

# foreign header prefix -> files (path prefixes) that are its door
DOORS = {
    "rocksdb/": ["storage/database"],
    "sofia-sip/": ["sip/"],
    "srtp2/": ["media/srtp_session"],
    "opus/": ["media/codecs"],
    "ogg/": ["media/ogg_writer"],
    "spandsp": ["media/tones"],
    "hiredis/": ["cluster/redis_client"],
    "zip.h": ["gateways/"],
    "expat.h": ["gateways/"],
    "uchardet": ["gateways/"],
    "xlsxwriter.h": ["gateways/"],
    "phonenumbers/": ["numbering/"],
    "toml++/": ["config/"],
    "date/": ["config/zone_data"],
    "editline/": ["app/cli/shell"],
    "CLI/": ["app/dunlind.cpp"],
    "caf/": ["actors/contracts/caf.hpp", "cluster/link_middleman"],
    "spdlog/": ["config/log"],
    "boost/beast": ["api/http_server"],
    "curl/": ["gateways/http_client", "cluster/etcd_client"],
}

BANNED = [
    (r"catch\s*\(\s*\.\.\.\s*\)", "catch (...) hides what went wrong", []),
    (r"\bsystem_clock::now\b|\bsteady_clock::now\b", "only config/clock reads the clocks", ["config/clock", "media/", "sip/", "storage/"]),
    (r"(?<![\w:.])rand\s*\(\)|\bsrand\s*\(", "randomness is an argument", []),
    (r"\bsleep_for\b|\busleep\s*\(|(?<![\w_])sleep\s*\(", "nobody sleeps outside the clock", ["config/clock"]),
    (r"\b(TODO|FIXME|XXX)\b", "open work belongs into an issue", []),
    (r"\bnew\s+[A-Z]\w*\s*[({]", "ownership is a unique_ptr", []),
]
# A private constructor behind a factory needs `new` inside unique_ptr<T>(new T(...)): that line owns it at once.
OWNED_AT_ONCE = re.compile(r"unique_ptr<|_ptr\(new|\.reset\(new| \w+\(new ")

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
FUNCTION_START = re.compile(r"^[A-Za-z_~].*\)\s*(const|noexcept|override|:.*|->.*)?\s*\{\s*$|^[A-Za-z_~].*\)\s*(const)?\s*$|^\s{4,}.*\)\s*(const|noexcept)?\s*\{\s*$")


def offences_of_includes(path, text):
    found = []
    module = path.split("/")[0]
    allowed = set(MAY_INCLUDE.get(module, set()))
    is_actor_adapter = re.search(r"_actor[^/]*$", path) is not None and module in {"sip", "media", "storage", "cluster"}
    for number, line in enumerate(text.splitlines(), 1):
        own = re.match(r'\s*#include\s+"([^"]+)"', line)
        if own:
            target = own.group(1)
            if ".." in target.split("/"):
                found.append((number, "no '..' in includes"))
            head = target.split("/")[0]
            if head in MODULES and head not in allowed:
                if not (is_actor_adapter and target.startswith("actors/contracts/")):
                    found.append((number, f"{module} may not include {target}"))
            if module == "api" and target.startswith("actors/") and not re.match(r"actors/(contracts/|node_context)", target):
                found.append((number, "api knows the contracts, not the actors' bodies"))
            if head not in MODULES:
                found.append((number, f'"{target}" is not a path from a module of the house'))
        foreign = re.match(r"\s*#include\s+<([^>]+)>", line)
        if foreign:
            for prefix, doors in DOORS.items():
                if foreign.group(1).startswith(prefix) and not any(path.startswith(door) for door in doors):
                    found.append((number, f"<{foreign.group(1)}> has its door in {', '.join(doors)}"))
            if module == "core" and ("/" in foreign.group(1) or foreign.group(1).endswith(".h")):
                found.append((number, f"core knows the standard library only, not <{foreign.group(1)}>"))
    return found


def offences_of_calls(path, text):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r"//.*", "", line) if "TODO" not in line and "FIXME" not in line else line
        code = re.sub(r'"(\\.|[^"\\])*"', '""', code)
        for pattern, why, exempt in BANNED:
            if re.search(pattern, code) and not any(path.startswith(e) for e in exempt):
                if "unique_ptr" in why and OWNED_AT_ONCE.search(code):
                    continue
                found.append((number, why))
    return found


def offences_of_sizes(path, text):
    found = []
    lines = text.splitlines()
    if len(lines) > MAX_FILE_LINES:
        found.append((len(lines), f"file has {len(lines)} lines, at most {MAX_FILE_LINES}"))
    if not path.endswith(".cpp"):
        return found
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and line and not line.startswith((" ", "#", "/", "}", "namespace", "struct", "class", "enum", "union", "using", "template")) and line.rstrip().endswith("{"):
            if re.search(r"\)[^;]*\{\s*$", line):
                start = number
        elif start is not None and line.startswith("}"):
            if number - start + 1 > MAX_FUNCTION_LINES:
                found.append((start, f"function has {number - start + 1} lines, at most {MAX_FUNCTION_LINES}"))
            start = None
    return found


def check_text(path, text):
    offences = offences_of_sizes(path, text)
    if path.split("/")[0] in MODULES:
        offences += offences_of_includes(path, text) + offences_of_calls(path, text) + originators.offences(path, text)
    return offences


def missing_links(root):
    """The chain is proven in these files; were one renamed, its proof would silently be empty."""
    places = {place for _, allowed, _ in originators.LINKS for place in allowed} | set(originators.SHAPES)
    return [f"{place}:1: named in tests/tidy/originators.py, but not there" for place in sorted(places) if not (root / place).exists()]


def main():
    root = pathlib.Path(sys.argv[1])
    count = 0
    for folder in MODULES + ["tests", "tools", "bench"]:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".cpp", ".hpp"):
                continue
            path = str(file.relative_to(root))
            for number, text in check_text(path, file.read_text(encoding="utf-8", errors="replace")):
                print(f"{path}:{number}: {text}")
                count += 1
    for line in missing_links(root):
        print(line)
        count += 1
    print(f"tidy: {count} offences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
