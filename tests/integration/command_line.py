#!/usr/bin/env python3
"""The words of the command line as an operator meets them: every noun and verb, exit codes, clear errors, the shell, backup
and restore, no personal data in the clear on the disk or in the logs."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from command_fixture import BIN, CSV, TRUNK, NodeTest, dunlin


class CommandLine(NodeTest):
    def test_wrong_usage_and_unreachable_nodes_have_their_exit_codes(self):
        self.assertEqual(dunlin().returncode, 2)
        gone = self.dunlin("health")
        self.assertEqual(gone.returncode, 6)
        self.assertIn("Start dunlind", gone.stderr)

    def test_every_noun_and_verb(self):
        second = TRUNK.replace('"carrier"', '"second"').replace("15998", "15996").replace("15997", "15995")
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=TRUNK + second)
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        self.dunlin("import", "run", portfolio, "--portfolio", "t")
        case = self.json("case", "find", "Т-1")[0]["case"]
        agents = self.folder / "agents.csv"
        agents.write_text("user;name;skills\na017;Робот 17;soft,hard\nbad name;x;\na018;Робот 18;soft\n")
        job = self.json("import", "list")[0]["import"]
        ran = self.run_all([
            (["node", "show"], 0, "law_version"),
            (["config", "show", "--effective", "--origin"], 0, "node.toml:"),
            (["metrics"], 0, "# TYPE dunlin_agents gauge"),
            (["agent", "add", "a001", "--name", "Робот", "--skills", "soft"], 0, "sip_secret"),
            (["agent", "import", agents], 7, "a login is 1 to 64"),
            (["agent", "passwd", "a001"], 0, "sip_secret"),
            (["agent", "skills", "a001", "soft,late"], 0, "soft,late"),
            (["agent", "list", "--skill", "late"], 0, "Робот"),
            (["agent", "skills", "a001", ""], 0, "a001"),
            (["agent", "skills", "a001", "soft"], 0, "soft"),
            (["agent", "list", "--skill", "hard"], 0, "a017"),
            (["agent", "show", "a001"], 0, "logged_out"),
            (["agent", "login", "a001"], 0, ""),
            (["agent", "force-logout", "a001", "--reason", "test"], 0, "logged_out"),
            (["agent", "remove", "a018"], 0, "removed"),
            (["campaign", "create", "soft", "--portfolio", "t", "--skill", "soft"], 0, "created"),
            (["campaign", "list"], 0, "AGENTS_SHARED"),
            (["campaign", "show", "soft", "--settings"], 0, "wrap_up_seconds"),
            (["campaign", "show", "soft"], 0, "dispositions_missed"),
            (["campaign", "edit", "soft", "--wrap-up-s", "20"], 0, "created"),
            (["campaign", "set", "soft", "portfolios=other", "--dry-run"], 0, "of 2 cases looked at, 2 belonged and 0 will"),
            (["campaign", "set", "soft", "wrap_up_seconds=30"], 0, "30"),
            (["campaign", "set", "soft", "weight=3", "guaranteed_agents=2"], 0, "its waiting persons go first"),
            (["campaign", "edit", "soft", "--weight", "2", "--guaranteed-agents", "1", "--priority", "50"], 0, "created"),
            (["campaign", "show", "soft", "--settings"], 0, "guaranteed_agents"),
            (["campaign", "set", "soft", "trunks=carrier:2,second:0"], 0, "carrier:2,second:0"),
            (["campaign", "edit", "soft", "--trunk", "carrier:3,second:0"], 0, "created"),
            (["campaign", "set", "soft", "caller_id=+74950000002"], 0, "+74950000002"),
            (["campaign", "start", "soft"], 0, "running"),
            (["campaign", "pause", "soft"], 0, "paused"),
            (["campaign", "resume", "soft"], 0, "running"),
            (["campaign", "why-idle", "soft"], 0, "оператор"),
            (["campaign", "pace", "soft"], 0, "LIMIT"),
            (["campaign", "pace", "soft", "--explain"], 0, "почему не больше: нет ни одного оператора"),
            (["campaign", "pace", "soft", "--explain", "--lang", "en"], 0, "why not more: no agent is there"),
            (["campaign", "pace", "soft", "--explain", "--lang", "fr"], 2, "--lang must be ru or en"),
            (["campaign", "stop", "soft"], 0, "stopped"),
            (["case", "list", "--portfolio", "t"], 0, case),
            (["case", "show", case], 0, "row_imported"),
            (["case", "find", "T-1"], 3, "no case"),
            (["case", "find", "Т-1"], 0, "case_"),
            (["case", "why", case, "--at", "2026-11-24T20:30:00Z", "--channel", "call"], 0, "Нельзя: у должника сейчас не то время (п. 1 ч. 3 ст. 7 230-ФЗ"),
            (["case", "why", case, "--lang", "en"], 0, "Allowed: it is"),
            (["case", "budget", case], 0, "RU-FRQ-C1"),
            (["model", "explain", case, "--lang", "en"], 0, "RIGHT_PARTY"),
            (["model", "report"], 7, "too few attempts to judge the model"),
            (["model", "learn"], 0, "learned from 0 attempts"),
            (["case", "pay", case, "Т-1", "--amount", "10.50"], 0, "recorded"),
            (["case", "restrict", case, "refusal", "--document", "d1"], 0, "set"),
            (["case", "unrestrict", case, "refusal", "--document", "d2"], 0, "cleared"),
            (["attempt", "list", "--campaign", "soft", "--since", "2h", "--outcome", "busy", "--limit", "5"], 0, "ATTEMPT"),
            (["call", "list", "--finished"], 0, "CALL"),
            (["trunk", "list"], 0, "carrier"),
            (["trunk", "probe", "carrier"], 0, "probe sent"),
            (["trunk", "tests"], 0, "RESULT"),
            (["rule", "list"], 0, "in_force".upper()),
            (["rule", "list", "--set", "ru"], 0, "230-FZ art. 7"),
            (["rule", "show", "RU-FRQ-C1"], 0, "230-FZ art. 7 part 3 item 3"),
            (["recording", "list"], 0, "RECORDING"),
            (["event", "types"], 0, "attempt."),
            (["job", "list"], 0, job),
            (["job", "show", job], 0, "portfolio.csv"),
            (["job", "attach", job], 0, "done"),
            (["history", "rebuild", "--verify"], 0, "differing_cases"),
            (["history", "compare", "--lang", "en"], 0, "there is one copy, its chain is whole"),
            (["history", "compare", case], 0, "копия одна, сравнивать не с чем"),
            (["history", "compare", "-o", "json"], 0, '"first_difference": null'),
            (["backup", self.folder / "backup"], 0, "key"),
            (["law", "replay", "--since", "2026-11-24T00:00:00Z", "--case", case], 0, "decisions"),
            (["health"], 8, "red"),
        ])
        known = {tuple((row["command"].split() + [""])[:2]) for row in self.json("help")}
        known = {(noun, verb if verb.islower() else "") for noun, verb in known}
        # Not here: they need a talk, a carrier, a cluster or minutes of work. The file that tries each stands before it.
        elsewhere = {(file, noun, verb) for file, noun, verbs in (
            ("supervision.py", "agent", "logout ready break recall pause-after-call hold resume hangup outcome mute unmute"),
            ("supervision.py", "call", "show trace listen whisper barge takeover leave"),
            ("supervision.py", "recording", "get play pause resume"),
            ("supervision.py", "attempt", "show"),
            ("law_live.py", "attempt", "why"),
            ("trunk_test.py", "trunk", "test"),
            ("import_live.py", "import", "run show review undo template"),
            ("import_verbs.py", "import", "list attach cancel columns"),
            ("import_verbs.py", "job", "cancel"),
            ("command_documents.py", "strategy", "check set list show history rollback explain results"),
            ("command_documents.py", "flow", "put list show history rollback"),
            ("redis_events.py", "event", "tail"),
            ("../../tools/cluster_rig.py", "cluster", "status"),
            ("../../tools/cluster_rig.py", "shard", "list")) for verb in verbs.split()}
        here = pathlib.Path(__file__).parent
        for file, noun, verb in elsewhere:
            self.assertIn(f'"{verb}"', (here / file).read_text(), f"{noun} {verb} is said to be tried there")
        missing = known - ran - {(noun, verb) for _, noun, verb in elsewhere}
        self.assertEqual(missing, set(), "commands nobody tries")

    def test_bad_words_have_their_exit_codes_and_a_sentence(self):
        self.start(more=TRUNK)
        case = "case_00000000000000aa"
        self.run_all([
            (["campaing", "list"], 2, "did you mean campaign"),
            (["campaign", "strat", "x"], 2, "did you mean start"),
            (["campaign"], 2, "campaign what?"),
            (["campaign", "list", "--wacth"], 2, "unknown option --wacth"),
            (["attempt", "list", "--limti", "5"], 2, "did you mean --limit?"),
            (["attempt", "list", "--limit", "0"], 2, "at least 1"),
            (["history", "compare", case], 3, "no case case_00000000000000aa"),
            (["history", "compare", "shard-7"], 2, "case_"),
            (["history", "compare", "--shard", "256"], 2, "--shard must be 0 to 255"),
            (["history", "compare", case, "--shard", "7"], 2, "not both"),
            (["history", "compare", "--lang", "fr"], 2, "--lang must be ru or en"),
            (["attempt", "list", "--outcome", "bussy"], 2, "bussy"),
            (["attempt", "list", "--since", "yesterday"], 2, "yesterday"),
            (["attempt", "list", "--cursor", "att_00000000000000aa"], 3, "no attempt"),
            (["attempt", "list", "--campaign", "nobody"], 3, "no campaign nobody"),
            (["agent", "show"], 2, "missing USER. Usage: agent show USER"),
            (["agent", "show", "nobody"], 3, "no agent nobody"),
            (["agent", "passwd", "nobody"], 3, "no agent nobody"),
            (["agent", "skills", "nobody", "soft"], 3, "no agent nobody"),
            (["agent", "skills", "nobody"], 2, "missing SKILLS"),
            (["agent", "add", "a b"], 2, "a login is"),
            (["agent", "ready", "nobody"], 3, "no agent"),
            (["agent", "import", "/nowhere.csv"], 3, "cannot read"),
            (["import", "run", self.folder, "--portfolio", "t"], 1, "Это папка"),
            (["agent", "outcome", "nobody", "great"], 2, "great is not an agent's outcome; there are rpc_promise, "),
            (["agent", "add", "a001", "--role", "boss"], 2, "--role must be agent or supervisor"),
            (["agent", "mute", "nobody"], 3, "no agent"),
            (["campaign", "show", "nobody"], 3, "no campaign nobody"),
            (["campaign", "start", "nobody"], 3, "no campaign nobody"),
            (["campaign", "set", "nobody", "skill=x"], 3, "no campaign nobody"),
            (["case", "show", "case_1"], 2, "case_"),
            (["case", "show", case], 3, "no case"),
            (["case", "why", case, "--channel", "pigeon"], 3, "no case"),
            (["case", "unrestrict", case, "refusal"], 2, "--document"),
            (["call", "show", "call_00000000000000aa"], 3, "no live or recent call"),
            (["call", "trace", "xyz"], 2, "xyz"),
            (["call", "listen", "call_00000000000000aa"], 2, "--as SUPERVISOR is missing"),
            (["call", "barge", "call_00000000000000aa", "--as", "nobody"], 3, "no agent nobody"),
            (["call", "takeover", "xyz", "--as", "nobody"], 2, "xyz"),
            (["attempt", "why", "att_00000000000000aa"], 3, "no attempt"),
            (["attempt", "why", case + ":7"], 3, "no event"),
            (["attempt", "why", "case_1:7"], 2, "case_"),
            (["law", "replay", "--since", "yesterday"], 2, "yesterday"),
            (["law", "replay", "--case", "case_1"], 2, "case_"),
            (["trunk", "probe", "other"], 3, "there are carrier"),
            (["campaign", "create", "c2", "--caller-id", "+74950000009"], 2, "allowed are +74950000001, +74950000002"),
            (["campaign", "create", "c2", "--trunk", "carrier:0"], 2, "one weight at least above 0"),
            (["campaign", "create", "c2", "--trunk", "carrier:many"], 2, "NAME:WEIGHT"),
            (["rule", "show", "RU-NOSUCH"], 3, "no rule"),
            (["rule", "list", "--set", "zz"], 3, "no law pack zz"),
            (["recording", "get", "att_00000000000000aa"], 3, "no finished recording"),
            (["recording", "pause", "att_00000000000000aa"], 3, "no live call"),
            (["recording", "resume", "xyz"], 2, "xyz"),
            (["job", "show", "job_00000000000000aa"], 3, "no job"),
            (["job", "cancel", "job_00000000000000aa"], 3, "no job"),
            (["cluster", "status"], 3, "no [cluster]"),
            (["shard", "list"], 3, "no [cluster]"),
            (["health", "now"], 2, "a word too many"),
            (["agent", "list", "-o", "xml"], 2, "-o must be"),
            (["history", "rebuild"], 4, "stop it to rebuild"),
            (["help", "campaign"], 0, "Examples:"),
            (["campaign", "start", "--help"], 0, "begin or go on dialing"),
            (["help", "man"], 0, ".SH EXIT STATUS"),
            (["__complete", "camp"], 0, "campaign"),
            (["__complete", "trunk", "probe", ""], 0, "carrier"),
            (["__complete", "attempt", "list", "--out"], 0, "--outcome"),
            (["completion", "bash"], 0, "complete -o default"),
        ])
        created = self.dunlin("campaign", "create", "soft", "--portfolio", "t")
        self.assertEqual(created.returncode, 0, created.stderr)
        self.run_all([
            (["campaign", "create", "soft"], 4, "exists"),
            (["campaign", "resume", "soft"], 4, ""),
            (["campaign", "set", "soft", "wrap_up_second=1"], 2, "did you mean wrap_up_seconds?"),
            (["campaign", "set", "soft", "wrap_up_seconds=soon"], 2, "whole number"),
            (["campaign", "set", "soft", "weight=1001"], 2, "weight must be a whole number from 0 to 1000"),
            (["campaign", "edit", "soft", "--guaranteed-agents", "-1"], 2, "guaranteed_agents must be a whole number from 0 to 10000"),
            (["campaign", "edit", "soft", "--priority", "99999999999"], 2, "priority must be a whole number"),
            (["__complete", "campaign", "show", "s"], 0, "soft"),
        ])
        self.assertEqual(self.dunlin("-o", "csv", "campaign", "list").stdout.splitlines()[0].split(",")[0], "campaign")
        self.assertEqual(json.loads(self.dunlin("-o", "ndjson", "campaign", "list").stdout.splitlines()[0])["campaign"], "soft")

    def test_pacing_is_a_filter(self):
        lines = '{"type":"hello"}\nnot json\n'
        done = subprocess.run([str(BIN / "dunlin"), "pacing"], input=lines, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('"hello" needs an object "config"', done.stderr)
        self.assertEqual(dunlin("pacing", "guess").returncode, 2)

    def test_a_watch_ends_cleanly(self):
        self.start()
        with subprocess.Popen(self.command("-o", "ndjson", "--watch", "0.5", "node", "show"), stdout=subprocess.PIPE, text=True) as watch:
            first, second = watch.stdout.readline(), watch.stdout.readline()
            watch.send_signal(signal.SIGINT)
            self.assertEqual(watch.wait(timeout=60), 130)
        self.assertEqual(json.loads(first)["incarnation"], json.loads(second)["incarnation"])

    def test_the_shell_takes_the_same_words(self):
        self.start()
        lines = "node show\nagent lisst\nagent add a001\nagent show a001 -o json\nexit\n"
        shell = subprocess.run(self.command("shell"), input=lines, capture_output=True, text=True, timeout=60,
                               env={**os.environ, "XDG_STATE_HOME": str(self.folder / "state")})
        self.assertEqual(shell.returncode, 0, shell.stderr)
        self.assertIn("did you mean list", shell.stderr)
        self.assertIn('"state": "logged_out"', shell.stdout)
        self.assertIn("agent add a001", (self.folder / "state/dunlin/history").read_text().replace("\\040", " "))

    def test_the_shell_takes_cyrillic_words_in_any_locale(self):
        self.start("--clock-start", "2026-11-24T08:00:00Z")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        self.dunlin("import", "run", portfolio)
        for locale in ("C", "C.UTF-8"):
            shell = subprocess.run(self.command("shell"), input="case find Т-1\nexit\n", capture_output=True, text=True, timeout=60,
                                   env={**os.environ, "LC_ALL": locale, "XDG_STATE_HOME": str(self.folder / "state")})
            self.assertIn("case_", shell.stdout, f"{locale}: {shell.stderr}")

    def test_import_shell_backup_and_a_clean_stop(self):
        process = self.start("--clock-start", "2026-11-24T08:00:00Z")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        done = self.dunlin("import", "run", portfolio, "--portfolio", "t")
        self.assertEqual(done.returncode, 7, done.stderr)  # one row came back
        rejects = self.folder / "portfolio.rejects.csv"
        self.assertIn("Ошибка", rejects.read_text())
        cases = self.json("case", "list")
        self.assertEqual(len(cases), 2)
        again = self.dunlin("import", "run", portfolio, "--portfolio", "t")
        self.assertIn("unchanged", again.stdout)
        self.assertEqual(len(self.json("case", "list")), 2)
        why = self.json("case", "why", cases[0]["case"])
        self.assertTrue(why["clock_shifted"])
        found = self.dunlin("case", "find", "+79161110022")
        self.assertEqual(found.returncode, 0, found.stderr)
        typo = self.dunlin("cse", "list")
        self.assertEqual(typo.returncode, 2)
        self.assertIn("did you mean case", typo.stderr)
        backup = self.dunlin("backup", self.folder / "backup")
        self.assertEqual(backup.returncode, 0, backup.stderr)
        second = subprocess.run([str(BIN / "dunlind"), "--config", str(self.folder / "node.toml")], capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, 1)
        self.assertEqual(self.stop(process), 0)
        self.assert_nothing_personal()

    def test_a_backup_lists_recordings_and_a_restore_names_the_missing(self):
        process = self.start()
        key = self.folder / "key.txt"
        key.write_text(self.dunlin("key", "export").stdout)
        names = [f"audio/{n}a/att_00000000000000{n}a.opus.sealed" for n in (1, 2, 3)]
        for n, name in enumerate(names, 1):
            sound = self.data / "recordings" / name
            sound.parent.mkdir(parents=True, exist_ok=True)
            sound.write_bytes(b"x" * 1000 * n)
            sound.with_name(sound.name.replace(".opus.sealed", ".json")).write_text(json.dumps({"version": 1, "sha256": str(n) * 64}))
        damaged = self.data / "recordings/audio/4a/att_000000000000004a.json"
        damaged.parent.mkdir()
        damaged.write_text("{")
        done = self.json("backup", self.folder / "backup")
        self.assertEqual((done["recordings"], done["recordings_damaged"]), (3, 1), done)
        self.assertIn("recording_not_listed", self.log.read_text())
        manifest = (self.folder / "backup/manifest.txt").read_text()
        for n, name in enumerate(names, 1):
            self.assertIn(f"recording {str(n) * 64} {1000 * n} {name}\n", manifest)
        self.stop(process)
        whole, partly = self.folder / "whole", self.folder / "partly"
        for target in (whole, partly):
            shutil.copytree(self.data / "recordings", target / "recordings")
        (partly / "recordings" / names[0]).unlink()
        (partly / "recordings" / names[2]).write_bytes(b"cut")
        good = dunlin("restore", self.folder / "backup", whole)
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("all 3 recordings of the backup are there", good.stdout)
        warned = dunlin("restore", self.folder / "backup", partly)
        self.assertEqual(warned.returncode, 0, "a lost recording is no reason to go without the history")
        self.assertIn(f"warning: 2 of the 3 recordings of the backup are not in {partly}/recordings as they were: "
                      f"{names[0]} (missing), {names[2]} (another size)", warned.stderr)
        self.assertEqual(dunlin("restore", self.folder / "backup", whole).returncode, 4, "not empty any more")
        self.assertEqual(dunlin("--data", whole, "key", "install", key).returncode, 0)

    def test_an_offline_rebuild_of_a_stopped_node_finds_nothing(self):
        process = self.start("--clock-start", "2026-11-24T08:00:00Z")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        self.dunlin("import", "run", portfolio)
        self.assertEqual(self.json("node", "show")["data_format"], 5)
        self.assertEqual(self.stop(process), 0)
        rebuilt = self.dunlin("history", "rebuild")
        self.assertEqual(rebuilt.returncode, 0, rebuilt.stderr)
        self.assertIn("0 differ", rebuilt.stdout)

    def assert_nothing_personal(self):
        """Encrypted on the disk, masked in the logs."""
        secrets = [text.encode() for text in ("Тестова", "Пробный", "9161110022", "9161110033", "Образцовна")]
        files = [f for f in list(self.data.rglob("*")) + [self.log] if f.is_file()]
        self.assertGreater(len(files), 5)
        for file in files:
            content = file.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret, content, f"{file} holds personal data")


if __name__ == "__main__":
    unittest.main()
