#!/usr/bin/env python3
"""The programs as an operator meets them: exit codes, clear errors, a node without configuration, backup, no personal data
in the clear on the disk or in the logs."""
import json
import os
import pathlib
import shutil
import signal
import socket
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

    def start(self, *options, more=""):
        config = self.folder / "node.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15062"\n[media]\nport_min = 26000\nport_max = 26999\n{more}')
        log = open(self.folder / "node.log", "w")
        process = subprocess.Popen([str(BIN / "dunlind"), "--config", str(config), *options], stdout=log, stderr=subprocess.STDOUT)
        for _ in range(150):
            if dunlin("health", data=self.data).returncode in (0, 8):
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

    def test_a_bare_node_starts_on_defaults_in_an_empty_folder(self):
        empty, home = self.folder / "empty", self.folder / "home"
        for folder in (empty, home):
            folder.mkdir()
        own = {name: value for name, value in os.environ.items() if not name.startswith(("DUNLIN_", "XDG_"))}
        surroundings = {"cwd": empty, "env": {**own, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}}
        with open(self.folder / "node.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen([str(BIN / "dunlind")], stdout=log, stderr=subprocess.STDOUT, **surroundings)
        self.addCleanup(self.stop, process)

        def ask(*words):
            return subprocess.run([str(BIN / "dunlin"), *words], capture_output=True, text=True, timeout=60, **surroundings)

        for _ in range(300):
            if process.poll() is not None or ask("health").returncode in (0, 8):
                break
            time.sleep(0.1)
        self.assertIsNone(process.poll(), (self.folder / "node.log").read_text())
        shown = json.loads(ask("-o", "json", "node", "show").stdout)
        self.assertEqual((shown["data_folder"], shown["trunks"], shown["law"]), (str(empty / "dunlin-data"), 0, "RU"), shown)
        self.assertEqual(ask("campaign", "list").returncode, 0)
        self.assertEqual([entry.name for entry in empty.iterdir()], ["dunlin-data"], "it writes into its data folder alone")
        self.assertEqual((empty / "dunlin-data").stat().st_mode & 0o777, 0o700)
        self.assertEqual(list(home.iterdir()), [])
        self.assertEqual(self.stop(process), 0)

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

    def test_a_strategy_is_checked_put_in_force_explained_and_taken_back(self):
        good = self.folder / "soft.toml"
        good.write_text('name = "soft"\n[[rule]]\nname = "first"\n[rule.when]\nstage = "soft-1"\ndpd_to = 50\n[rule.then]\nstop = true\n')
        checked = dunlin("strategy", "check", good)
        self.assertEqual((checked.returncode, "good (strategy soft, 1 rules" in checked.stdout), (0, True), checked.stderr)
        bad = self.folder / "bad.toml"
        bad.write_text(good.read_text().replace("dpd_to", "dpd_too"))
        refused = dunlin("strategy", "check", bad)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("bad.toml:6: rule \"first\" when, field dpd_too: is not known here; did you mean dpd_to?", refused.stderr)
        self.assertEqual(dunlin("strategy", "check", "/nowhere.toml").returncode, 3)
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=self.TRUNK)
        people = self.folder / "people.csv"
        people.write_text(CSV)
        dunlin("import", "run", people, "--portfolio", "t", data=self.data)
        self.assertEqual(dunlin("strategy", "set", bad, data=self.data).returncode, 2)
        looked = dunlin("strategy", "set", good, "--dry-run", data=self.data)
        self.assertEqual(looked.returncode, 0, looked.stderr)
        self.assertEqual(self.json("strategy", "list"), [])
        by_rule = {row["rule"]: row["after"] for row in self.json("strategy", "set", str(good))}
        self.assertEqual(by_rule, {"first": 1, "(none)": 1})
        self.assertEqual(dunlin("campaign", "create", "c", "--trunk", "carrier", "--caller-id", "+74950000001", data=self.data).returncode, 0)
        self.assertEqual(dunlin("campaign", "set", "c", "strategy=lost", data=self.data).returncode, 3)
        self.assertEqual(dunlin("campaign", "set", "c", "strategy=soft", data=self.data).returncode, 0)
        taken, left = (self.json("case", "find", contract)[0]["case"] for contract in ("Т-1", "Т-2"))
        self.assertEqual([row["result"] for row in self.json("strategy", "explain", taken)], ["fires"])
        rows = self.json("strategy", "explain", left, "--lang", "en")
        self.assertEqual([row["result"] for row in rows], ["does_not_fit", "fires"])
        self.assertEqual(rows[0]["why"], "dpd: 60; wanted ≤ 50")
        good.write_text(good.read_text().replace("dpd_to = 50", "dpd_to = 90"))
        self.assertEqual(dunlin("strategy", "set", good, data=self.data).returncode, 0)
        self.assertEqual(dunlin("strategy", "rollback", "soft", "2", data=self.data).returncode, 4, "it is in force")
        self.assertEqual(dunlin("strategy", "rollback", "soft", "1", data=self.data).returncode, 0)
        self.assertEqual([row["origin"] for row in self.json("strategy", "history", "soft")], ["rollback to 1", "soft.toml", "soft.toml"])
        self.assertIn("dpd_to = 50", dunlin("strategy", "show", "soft", data=self.data).stdout)
        self.assertIn("dpd_to = 90", dunlin("strategy", "show", "soft", "--revision", "2", data=self.data).stdout)
        self.assertEqual(dunlin("strategy", "show", "lost", data=self.data).returncode, 3)
        self.assertEqual(self.json("strategy", "results", "soft")[0]["cases"], 2)

    def test_a_campaign_is_made_from_a_file(self):
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=self.TRUNK)
        strategy = self.folder / "rules.toml"
        strategy.write_text('name = "soft-rules"\n[[rule]]\nname = "first"\n[rule.when]\nstage = "soft-1"\n[rule.then]\nstop = true\n')
        good = self.folder / "soft.toml"
        good.write_text('name = "soft"\nmode = "predictive"\nportfolio = "t"\nskill = "late"\nweight = 3\nwrap_up_seconds = 20\nstrategy = "rules.toml"\n'
                        'trunks = ["carrier:3"]\nnumber_order = ["debtor.work", "debtor.mobile"]\n[[retry]]\noutcome = "busy"\ndelay = "15m"\n')
        early = dunlin("campaign", "create", "soft", "--file", good, data=self.data)
        self.assertEqual(early.returncode, 3, early.stdout)
        self.assertIn("no strategy soft-rules", early.stderr)
        self.assertEqual(dunlin("strategy", "set", strategy, data=self.data).returncode, 0)
        made = dunlin("campaign", "create", "soft", "--file", good, "--weight", "5", data=self.data)
        self.assertEqual(made.returncode, 0, made.stderr)
        settings = {row["setting"]: row["value"] for row in self.json("campaign", "show", "soft", "--settings")}
        self.assertEqual([settings[key] for key in ("mode", "portfolios", "skill", "weight", "wrap_up_seconds", "strategy", "trunks")],
                         ["predictive", "t", "late", "5", "20", "soft-rules", "carrier:3"], settings)
        self.assertEqual(self.json("campaign", "show", "soft")["trunks"], "carrier:3")
        bad = self.folder / "bad.toml"
        for text, code, said in (('mode = "fast"\n', 2, "bad.toml:1: campaign, field mode: allowed: progressive, predictive, agentless"),
                                 ('skill = "x"\nnumber_order = ["debtor.mobil"]\n', 2, "bad.toml:2: campaign, field number_order: \"debtor.mobil\" is not known; did you mean debtor.mobile?"),
                                 ('[[retry]]\noutcome = "bussy"\ndelay = "5m"\n', 2, "bad.toml:2: retry, field outcome: \"bussy\" is not known; did you mean busy?"),
                                 ('skill = "x"\ntrunks = ["carrier:x"]\n', 2, 'bad.toml:2: campaign, field trunks: "carrier:x" must be NAME or NAME:WEIGHT, weight 0 to 1000'),
                                 ('name = "other"\n', 2, 'name is "other"'),
                                 ('strategy = "nowhere.toml"\n', 3, "nowhere.toml")):
            bad.write_text(text)
            refused = dunlin("campaign", "create", "bad", "--file", bad, data=self.data)
            self.assertEqual(refused.returncode, code, refused.stdout + refused.stderr)
            self.assertIn(said, refused.stderr)
        self.assertEqual(dunlin("campaign", "create", "bad", "--file", "/nowhere.toml", data=self.data).returncode, 3)
        self.assertEqual([row["campaign"] for row in self.json("campaign", "list")], ["soft"])
        good.write_text('wrap_up_seconds = 45\n')
        self.assertEqual(dunlin("campaign", "edit", "soft", "--file", good, data=self.data).returncode, 0)
        settings = {row["setting"]: row["value"] for row in self.json("campaign", "show", "soft", "--settings")}
        self.assertEqual((settings["wrap_up_seconds"], settings["skill"]), ("45", "late"), "what the file does not name stays")

    def test_a_flow_is_put_in_force_named_by_a_campaign_and_taken_back(self):
        flow = self.folder / "reminder.toml"
        flow.write_text((ROOT / "config/flows/payment_reminder.toml").read_text())
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=self.TRUNK)
        bad = self.folder / "bad.toml"
        bad.write_text(flow.read_text().replace('kind = "menu"', 'kind = "menue"', 1))
        refused = dunlin("flow", "put", bad, data=self.data)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("did you mean menu", refused.stderr)
        self.assertEqual(dunlin("flow", "put", "/nowhere.toml", data=self.data).returncode, 3)
        self.assertEqual(self.json("flow", "list"), [])
        self.assertEqual(self.json("flow", "put", str(flow))["revision"], "1")
        self.assertEqual(dunlin("campaign", "create", "c", "--trunk", "carrier", "--caller-id", "+74950000001", data=self.data).returncode, 0)
        self.assertEqual(dunlin("campaign", "set", "c", "mode=agentless", "flow=lost", data=self.data).returncode, 3)
        self.assertEqual(dunlin("campaign", "set", "c", "mode=progressive", "flow=payment_reminder", data=self.data).returncode, 2, "agents talk there")
        for words in (("create", "p", "--mode", "preview"), ("edit", "c", "--mode", "preview"), ("set", "c", "mode=preview")):
            refused = dunlin("campaign", *words, data=self.data)
            self.assertEqual(refused.returncode, 2, words)
            self.assertIn("preview is not dialed by this version", refused.stderr)
        self.assertEqual(dunlin("campaign", "set", "c", "mode=agentless", "flow=payment_reminder", data=self.data).returncode, 0)
        self.assertEqual(self.json("flow", "list")[0]["campaigns"], ["c"])
        why = dunlin("campaign", "why-idle", "c", "--lang", "en", data=self.data).stdout
        self.assertIn('The speech of the flow "payment_reminder" is being made', why)
        flow.write_text(flow.read_text().replace("most_steps = 60", "most_steps = 50"))
        self.assertEqual(dunlin("flow", "put", flow, data=self.data).returncode, 0)
        self.assertEqual(dunlin("flow", "rollback", "payment_reminder", "2", data=self.data).returncode, 4, "it is in force")
        self.assertEqual(dunlin("flow", "rollback", "payment_reminder", "1", data=self.data).returncode, 0)
        self.assertEqual([row["origin"] for row in self.json("flow", "history", "payment_reminder")], ["rollback to 1", "reminder.toml", "reminder.toml"])
        self.assertIn("most_steps = 60", dunlin("flow", "show", "payment_reminder", data=self.data).stdout)
        self.assertIn("most_steps = 50", dunlin("flow", "show", "payment_reminder", "--revision", "2", data=self.data).stdout)
        self.assertEqual(dunlin("flow", "show", "lost", data=self.data).returncode, 3)

    def test_law_check_reproduces_the_vectors(self):
        cases = ROOT / "tests/compliance/law_cases.csv"
        checked = dunlin("law", "check", "--cases", cases)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(checked.stdout.splitlines()[0], "id,decision,rule_id,until")
        self.assertEqual(len(checked.stdout.splitlines()), len(cases.read_text().splitlines()))

    def test_law_check_names_bad_rows_and_broken_packs(self):
        cases = self.folder / "cases.csv"
        row = "RU,Europe/Moscow,{},call,debtor,,{}\n"
        cases.write_text("id,jurisdiction,local_zone,attempt_at,channel,counterparty,history,flags\nA," + row.format("2026-03-04T12:00:00+03:00", "") +
                         "B," + row.format("2026-02-30T12:00:00+03:00", "") + "C," + row.format("2026-03-04T12:00:00+03:00", "bankrot"))
        checked = dunlin("law", "check", "--cases", cases)
        self.assertEqual(checked.returncode, 7)
        self.assertEqual(checked.stdout, "id,decision,rule_id,until\nA,allow,,\n")
        self.assertIn("cases.csv: line 3:", checked.stderr)
        self.assertIn('cases.csv: line 4: flag "bankrot" is not known', checked.stderr)
        as_json = dunlin("law", "check", "--cases", cases, "-o", "json")
        self.assertEqual((as_json.returncode, json.loads(as_json.stdout)[0]["decision"]), (7, "allow"))
        rules = self.folder / "rules"
        rules.mkdir()
        (rules / "ru.toml").write_text((ROOT / "config/rules/ru.toml").read_text().replace("open = 08:00:00", "open = 23:00:00", 1))
        broken = dunlin("law", "check", "--cases", cases, "--rules", rules)
        self.assertEqual(broken.returncode, 2)
        self.assertIn("ru.toml:", broken.stderr)
        config = self.folder / "broken.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\nrules_folder = "{rules}"\n')
        done = subprocess.run([str(BIN / "dunlind"), "--config", str(config)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, "a node without its law must not start")
        self.assertIn("ru.toml:", done.stderr)

    def test_number_ranges_place_a_person_without_an_address(self):
        ranges = self.folder / "ranges.csv"
        ranges.write_text("АВС/ DEF;От;До;Емкость;Оператор;Регион\n916;1110000;1119999;10000;ПАО;Свердловская обл.\n")
        imported = dunlin("numbering", "import", ranges, data=self.data)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.assertIn("1 ranges read", imported.stdout)
        bad = self.folder / "bad.csv"
        bad.write_text("АВС/ DEF;От;До;Емкость;Оператор;Регион\n916;5;1;2;a;b\n")
        refused = dunlin("numbering", "import", bad, data=self.data)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("line 2", refused.stderr)
        self.assertEqual(dunlin("numbering", "import", "/nowhere.csv", data=self.data).returncode, 3)
        self.start("--clock-start", "2026-11-24T08:00:00Z")
        people = self.folder / "people.csv"
        people.write_text("ФИО;Дата рождения;Телефон 1;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки\n"
                          "Пробный Иван Иванович;12.05.1975;+79161110022;Р-1;2000;200;60\n")
        dunlin("import", "run", people, "--portfolio", "t", data=self.data)
        case = self.json("case", "find", "Р-1")[0]["case"]
        self.assertEqual(self.json("case", "why", case)["zones"], ["Asia/Yekaterinburg"])
        self.assertEqual(dunlin("numbering", "import", ranges, data=self.data).returncode, 4, "the node is up")

    def test_pacing_is_a_filter(self):
        lines = '{"type":"hello"}\nnot json\n'
        done = subprocess.run([str(BIN / "dunlin"), "pacing"], input=lines, capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('"hello" needs an object "config"', done.stderr)
        self.assertEqual(dunlin("pacing", "guess").returncode, 2)

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

    def test_a_backup_lists_recordings_and_a_restore_names_the_missing(self):
        process = self.start()
        key = self.folder / "key.txt"
        key.write_text(dunlin("key", "export", data=self.data).stdout)
        names = [f"audio/{n}a/att_00000000000000{n}a.opus.sealed" for n in (1, 2, 3)]
        for n, name in enumerate(names, 1):
            sound = self.data / "recordings" / name
            sound.parent.mkdir(parents=True, exist_ok=True)
            sound.write_bytes(b"x" * 1000 * n)
            sound.with_name(sound.name.replace(".opus.sealed", ".json")).write_text(json.dumps({"version": 1, "sha256": str(n) * 64}))
        damaged = self.data / "recordings/audio/4a/att_000000000000004a.json"
        damaged.parent.mkdir()
        damaged.write_text("{")
        done = json.loads(dunlin("-o", "json", "backup", self.folder / "backup", data=self.data).stdout)
        self.assertEqual((done["recordings"], done["recordings_damaged"]), (3, 1), done)
        self.assertIn("recording_not_listed", (self.folder / "node.log").read_text())
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
        self.assertEqual(dunlin("key", "install", key, data=whole).returncode, 0)

    TRUNK = """[[trunk]]
name = "carrier"
address = "127.0.0.1:15998"
local_bind = "127.0.0.1:15997"
caller_ids = ["+74950000001", "+74950000002"]
options_interval_s = 1
"""

    def test_a_trunks_public_address_and_ports_reach_contact_and_sdp(self):
        public = 'options_interval_s = 0\nrtp_ports = "27000-27003"\nadvertised_address = "203.0.113.7:5062"\ntest_numbers = ["+79990000001"]'
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
            carrier.bind(("127.0.0.1", 15998))
            carrier.settimeout(20)
            self.start(more=self.TRUNK.replace("options_interval_s = 1", public))
            command = [str(BIN / "dunlin"), "--data", str(self.data), "trunk", "test", "carrier", "--to", "+79990000001"]
            # At once after the start: the trunk's rate has earned no call yet, and the test waits for it.
            asked = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(asked.communicate)
            text = ""
            while not text.startswith("INVITE"):
                try:
                    packet, peer = carrier.recvfrom(65535)
                except TimeoutError:
                    self.fail(f"no INVITE came: {asked.poll()} {asked.communicate(timeout=100)}")
                text = packet.decode()
            head = [line for line in text.split("\r\n") if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
            reply = "\r\n".join(["SIP/2.0 486 Busy Here"] + [line + ";tag=far" if line.startswith("To:") else line for line in head])
            carrier.sendto((reply + "\r\nContent-Length: 0\r\n\r\n").encode(), peer)
        self.assertRegex(text, r"(?m)^c=IN IP4 203\.0\.113\.7\r?$")
        self.assertRegex(text, r"(?m)^m=audio 2700[02] ")
        self.assertRegex(text, r"(?m)^Contact:.*@203\.0\.113\.7:5062")
        self.assertRegex(text, r"(?m)^From:.*74950000001")

    def test_a_trunk_without_a_free_rtp_port_refuses_its_calls_only(self):
        more = self.TRUNK.replace("options_interval_s = 1", 'options_interval_s = 0\nchannels = 30\nrtp_ports = "27100-27103"\ntest_numbers = ["+79990000001"]')
        taken = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for port, holder in zip((27100, 27103), taken):
            self.addCleanup(holder.close)
            holder.bind(("127.0.0.1", port))
        process = self.start(more=more)
        checked = dunlin("config", "check", self.folder / "node.toml")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("warning: " + str(self.folder / "node.toml") + ":15: trunk[0].rtp_ports: 27100-27103 holds 2 legs, and its trunks have 30 channels: "
                      "60 ports are needed (27100-27159)", checked.stderr)
        seen = {}
        for _ in range(100):  # A trunk earns its first calls within a second.
            tested = dunlin("-o", "json", "trunk", "test", "carrier", "--to", "+79990000001", data=self.data)
            seen = json.loads(tested.stdout or "{}")
            if seen.get("result"):
                break
            time.sleep(0.1)
        self.assertEqual(seen["result"], "not_sent", tested)
        self.assertRegex(seen["cause"], r"^no free RTP port pair in 27100-27103 \(UDP port 2710[03]: Address already in use\); widen this media port range$")
        self.assertEqual(dunlin("trunk", "list", data=self.data).returncode, 0)
        self.assertEqual(self.stop(process), 0)
        self.assertIn("holds 2 legs", (self.folder / "node.log").read_text())

    def test_config_check_names_a_bad_address_and_a_bad_caller_id(self):
        bad = self.folder / "bad.toml"
        bad.write_text('[[trunk]]\nname = "a"\naddress = "127.0.0.1:1"\nadvertised_address = "sip.example.org"\ncaller_ids = ["84950000001"]\n')
        checked = dunlin("config", "check", bad)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("bad.toml:4: trunk[0].advertised_address: must be a numeric address", checked.stderr)
        self.assertIn('bad.toml:5: trunk[0].caller_ids: holds "84950000001", which is not in E.164', checked.stderr)

    def test_config_check_names_a_wrong_variable(self):
        good = self.folder / "good.toml"
        good.write_text('[node]\nname = "n1"\n')
        for name, value, problem in (("DUNLIN__MEDIA__PORT_MIN", "abc", "media.port_min: must be a whole number"),
                                     ("DUNLIN__NODE__NMAE", "n2", "unknown option; did you mean DUNLIN__NODE__NAME?")):
            checked = subprocess.run([str(BIN / "dunlin"), "config", "check", str(good)], capture_output=True, text=True, timeout=30,
                                     env={**os.environ, name: value})
            self.assertEqual(checked.returncode, 2)
            self.assertIn(f"environment {name}: {problem}", checked.stderr)

    def run_all(self, rows):
        """Each row: words, exit code, what the output or the error must hold. Returns the (noun, verb) pairs that ran."""
        ran = set()
        for words, code, text in rows:
            done = dunlin(*words, data=self.data)
            # What a running campaign decides is seen with its next tick.
            until = time.monotonic() + 30
            while words[1:2] in (["pace"], ["why-idle"]) and text not in done.stdout + done.stderr and time.monotonic() < until:
                time.sleep(0.1)
                done = dunlin(*words, data=self.data)
            self.assertEqual(done.returncode, code, f"dunlin {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
            self.assertIn(text, done.stdout + done.stderr, f"dunlin {' '.join(map(str, words))}")
            if code in (0, 5, 7, 8):
                verb = str(words[1]) if len(words) > 1 else ""
                ran.add((words[0], verb if verb.replace("-", "").isalpha() else ""))
        return ran

    def json(self, *words):
        done = dunlin("-o", "json", *words, data=self.data)
        self.assertIn(done.returncode, (0, 8), done.stderr)
        return json.loads(done.stdout)

    def test_every_noun_and_verb(self):
        second = self.TRUNK.replace('"carrier"', '"second"').replace("15998", "15996").replace("15997", "15995")
        self.start("--clock-start", "2026-11-24T08:00:00Z", more=self.TRUNK + second)
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        dunlin("import", "run", portfolio, "--portfolio", "t", data=self.data)
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
            ("command_line.py", "strategy", "check set list show history rollback explain results"),
            ("command_line.py", "flow", "put list show history rollback"),
            ("redis_events.py", "event", "tail"),
            ("../../tools/cluster_rig.py", "cluster", "status"),
            ("../../tools/cluster_rig.py", "shard", "list")) for verb in verbs.split()}
        here = pathlib.Path(__file__).parent
        for file, noun, verb in elsewhere:
            self.assertIn(f'"{verb}"', (here / file).read_text(), f"{noun} {verb} is said to be tried there")
        missing = known - ran - {(noun, verb) for _, noun, verb in elsewhere}
        self.assertEqual(missing, set(), "commands nobody tries")

    def test_bad_words_have_their_exit_codes_and_a_sentence(self):
        self.start(more=self.TRUNK)
        case = "case_00000000000000aa"
        self.run_all([
            (["campaing", "list"], 2, "did you mean campaign"),
            (["campaign", "strat", "x"], 2, "did you mean start"),
            (["campaign"], 2, "campaign what?"),
            (["campaign", "list", "--wacth"], 2, "unknown option --wacth"),
            (["attempt", "list", "--limti", "5"], 2, "did you mean --limit?"),
            (["attempt", "list", "--limit", "0"], 2, "at least 1"),
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
            (["agent", "outcome", "nobody", "great"], 2, "great"),
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
        created = dunlin("campaign", "create", "soft", "--portfolio", "t", data=self.data)
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
        self.assertEqual(dunlin("-o", "csv", "campaign", "list", data=self.data).stdout.splitlines()[0].split(",")[0], "campaign")
        self.assertEqual(json.loads(dunlin("-o", "ndjson", "campaign", "list", data=self.data).stdout.splitlines()[0])["campaign"], "soft")

    def test_a_watch_ends_cleanly(self):
        self.start()
        watch = subprocess.Popen([str(BIN / "dunlin"), "--data", str(self.data), "-o", "ndjson", "--watch", "0.5", "node", "show"], stdout=subprocess.PIPE, text=True)
        first, second = watch.stdout.readline(), watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(timeout=30), 130)
        self.assertEqual(json.loads(first)["incarnation"], json.loads(second)["incarnation"])

    def test_the_shell_takes_the_same_words(self):
        self.start()
        lines = "node show\nagent lisst\nagent add a001\nagent show a001 -o json\nexit\n"
        shell = subprocess.run([str(BIN / "dunlin"), "--data", str(self.data), "shell"], input=lines, capture_output=True, text=True, timeout=60,
                               env={**os.environ, "XDG_STATE_HOME": str(self.folder / "state")})
        self.assertEqual(shell.returncode, 0, shell.stderr)
        self.assertIn("did you mean list", shell.stderr)
        self.assertIn('"state": "logged_out"', shell.stdout)
        self.assertIn("agent add a001", (self.folder / "state/dunlin/history").read_text().replace("\\040", " "))

    def test_an_offline_rebuild_of_a_stopped_node_finds_nothing(self):
        process = self.start("--clock-start", "2026-11-24T08:00:00Z")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        dunlin("import", "run", portfolio, data=self.data)
        self.assertEqual(self.json("node", "show")["data_format"], 5)
        self.assertEqual(self.stop(process), 0)
        rebuilt = dunlin("history", "rebuild", data=self.data)
        self.assertEqual(rebuilt.returncode, 0, rebuilt.stderr)
        self.assertIn("0 differ", rebuilt.stdout)

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
