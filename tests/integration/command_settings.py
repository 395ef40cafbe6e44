#!/usr/bin/env python3
"""What a node is started with: settings and variables, the law's packs, number ranges, the clock, and the addresses and
ports of its trunks. What is wrong is named with its place, and what is right reaches the wire."""
import json
import os
import socket
import subprocess
import unittest

from command_fixture import BIN, ROOT, TRUNK, NodeTest, dunlin


class CommandSettings(NodeTest):
    def test_a_bare_node_starts_on_defaults_in_an_empty_folder(self):
        empty, home = self.folder / "empty", self.folder / "home"
        for folder in (empty, home):
            folder.mkdir()
        own = {name: value for name, value in os.environ.items() if not name.startswith(("DUNLIN_", "XDG_"))}
        surroundings = {"cwd": empty, "env": {**own, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}}
        process = self.launch(BIN / "dunlind", **surroundings)

        def ask(*words):
            return subprocess.run([str(BIN / "dunlin"), *words], capture_output=True, text=True, timeout=60, **surroundings)

        self.wait_for("the node", lambda: process.poll() is not None or ask("health").returncode in (0, 8))
        self.assertIsNone(process.poll(), self.log.read_text())
        shown = json.loads(ask("-o", "json", "node", "show").stdout)
        self.assertEqual((shown["data_folder"], shown["trunks"], shown["law"]), (str(empty / "dunlin-data"), 0, "RU"), shown)
        self.assertEqual(ask("campaign", "list").returncode, 0)
        self.assertEqual([entry.name for entry in empty.iterdir()], ["dunlin-data"], "it writes into its data folder alone")
        self.assertEqual((empty / "dunlin-data").stat().st_mode & 0o777, 0o700)
        self.assertEqual(list(home.iterdir()), [])
        self.assertEqual(self.stop(process), 0)

    def test_config_check_names_the_line(self):
        bad = self.folder / "bad.toml"
        bad.write_text("[media]\nport_mim = 1\n")
        checked = dunlin("config", "check", bad)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("bad.toml:2: media.port_mim: unknown option; did you mean port_min?", checked.stderr)

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
            checked = subprocess.run([str(BIN / "dunlin"), "config", "check", str(good)], capture_output=True, text=True, timeout=60,
                                     env={**os.environ, name: value})
            self.assertEqual(checked.returncode, 2)
            self.assertIn(f"environment {name}: {problem}", checked.stderr)

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
        imported = self.dunlin("numbering", "import", ranges)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.assertIn("1 ranges read", imported.stdout)
        bad = self.folder / "bad.csv"
        bad.write_text("АВС/ DEF;От;До;Емкость;Оператор;Регион\n916;5;1;2;a;b\n")
        refused = self.dunlin("numbering", "import", bad)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("line 2", refused.stderr)
        self.assertEqual(self.dunlin("numbering", "import", "/nowhere.csv").returncode, 3)
        self.start("--clock-start", "2026-11-24T08:00:00Z")
        people = self.folder / "people.csv"
        people.write_text("ФИО;Дата рождения;Телефон 1;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки\n"
                          "Пробный Иван Иванович;12.05.1975;+79161110022;Р-1;2000;200;60\n")
        self.dunlin("import", "run", people, "--portfolio", "t")
        case = self.json("case", "find", "Р-1")[0]["case"]
        self.assertEqual(self.json("case", "why", case)["zones"], ["Asia/Yekaterinburg"])
        self.assertEqual(self.dunlin("numbering", "import", ranges).returncode, 4, "the node is up")

    def test_a_shifted_clock_needs_loopback_trunks(self):
        config = self.folder / "outside.toml"
        config.write_text(f'[node]\ndata_folder = "{self.data}"\n[[trunk]]\nname = "a"\naddress = "sip.example.org:5060"\n')
        done = subprocess.run([str(BIN / "dunlind"), "--config", str(config), "--clock-start", "2026-11-24T08:00:00Z"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("loopback", done.stderr)

    def test_a_trunks_public_address_and_ports_reach_contact_and_sdp(self):
        public = 'options_interval_s = 0\nrtp_ports = "27000-27003"\nadvertised_address = "203.0.113.7:5062"\ntest_numbers = ["+79990000001"]'
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
            carrier.bind(("127.0.0.1", 15998))
            carrier.settimeout(20)
            self.start(more=TRUNK.replace("options_interval_s = 1", public))
            # At once after the start: the trunk's rate has earned no call yet, and the test waits for it.
            asked = subprocess.Popen(self.command("trunk", "test", "carrier", "--to", "+79990000001"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
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
        more = TRUNK.replace("options_interval_s = 1", 'options_interval_s = 0\nchannels = 30\nrtp_ports = "27100-27103"\ntest_numbers = ["+79990000001"]')
        taken = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for port, holder in zip((27100, 27103), taken):
            self.addCleanup(holder.close)
            holder.bind(("127.0.0.1", port))
        process = self.start(more=more)
        checked = dunlin("config", "check", self.folder / "node.toml")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("warning: " + str(self.folder / "node.toml") + ":15: trunk[0].rtp_ports: 27100-27103 holds 2 legs, and its trunks have 30 channels: "
                      "60 ports are needed (27100-27159)", checked.stderr)
        answers = []
        # A trunk earns its first calls within a second.
        self.wait_for("a test that is not refused for its haste", lambda: answers.append(self.dunlin("-o", "json", "trunk", "test", "carrier", "--to", "+79990000001"))
                      or answers[-1].stdout)
        seen = json.loads(answers[-1].stdout)
        self.assertEqual(seen["result"], "not_sent", answers[-1])
        self.assertRegex(seen["cause"], r"^no free RTP port pair in 27100-27103 \(UDP port 2710[03]: Address already in use\); widen this media port range$")
        self.assertEqual(self.dunlin("trunk", "list").returncode, 0)
        self.assertEqual(self.stop(process), 0)
        self.assertIn("holds 2 legs", self.log.read_text())


if __name__ == "__main__":
    unittest.main()
