#!/usr/bin/env python3
"""Bad input at a whole node: each gives a message that names the place and what to do, or a refusal, and nothing is lost.

What is tried on one part alone stands beside that part: workbooks and CSV (tests/gateways), settings (tests/config),
damaged rows, logs and tables, newer formats, foreign keys, full disks (tests/storage), strangers, methods, torture, login
(tests/sip), RTP from strangers and SRTP with a wrong key (tests/media). Faults in the midst of dialing: outages.py.
"""
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(sys.argv.pop(1)).resolve() / "bin"
CARRIER, TRUNK, AGENTS_UDP = 15060, 15080, 15070
PORTFOLIO = ROOT / "demo/portfolio.xlsx"

CSV = """ФИО;Дата рождения;ИНН;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки;Стадия
Тестова Проверка Образцовна;31.01.1980;;+79161110022;Москва;Т-1;1000,50;100,50;45;soft-1
"""
TRUNK_TEXT = f"""[[trunk]]
name = "carrier"
address = "127.0.0.1:{CARRIER}"
local_bind = "127.0.0.1:{TRUNK}"
caller_ids = ["+74950000001"]
options_interval_s = 1
"""


def sip_request(method, port, source, branch, extra="", user="a001"):
    return (f"{method} sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {source};rport;branch=z9hG4bK{branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@dunlin>;tag=t{branch}\r\nTo: <sip:{user}@dunlin>\r\nCall-ID: c{branch}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:{user}@{source}>\r\n{extra}Content-Length: 0\r\n\r\n").encode()


class Station:
    """Speaks SIP over UDP from a loopback address of its choice."""

    def __init__(self, test, address, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        test.addCleanup(self.socket.close)
        self.port, self.count = port, 0

    def ask(self, method, extra="", patience=10.0, tries=3):
        """The status and the whole reply; (None, "") when nothing comes. Patient: a wrong login sent again counts again."""
        self.count += 1
        branch = f"{self.socket.fileno()}x{self.count}"
        request = sip_request(method, self.port, "{}:{}".format(*self.socket.getsockname()), branch, extra)
        for _ in range(tries):
            self.socket.sendto(request, ("127.0.0.1", self.port))
            reply = self.reply_to(branch, patience)
            if reply:
                return int(reply.split()[1]), reply
        return None, ""

    def reply_to(self, branch, patience):
        """Late replies to what was asked before are passed over."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                reply = self.socket.recv(65536).decode()
            except TimeoutError:
                break
            if f"branch=z9hG4bK{branch}" in reply:
                return reply
        return ""


class BadInput(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dunlin-bad-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"
        self.config = self.folder / "node.toml"
        self.log = self.folder / "node.log"
        self.running = []
        self.addCleanup(self.stop_all)

    # --- a node and what surrounds it

    def write(self, more=TRUNK_TEXT, agents=""):
        self.config.write_text(f'[node]\ndata_folder = "{self.data}"\n[agents]\ntls_bind = "127.0.0.1:15062"\n{agents}'
                               f'[media]\nport_min = 26000\nport_max = 26999\n{more}')

    def launch(self, *command, log):
        with open(log, "a", encoding="utf-8") as output:
            process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT)
        self.running.append(process)
        return process

    def start(self):
        process = self.launch(BIN / "dunlind", "--config", self.config, "--clock-start", "2026-11-24T08:00:00Z", log=self.log)
        self.wait_for("the node", lambda: process.poll() is not None or self.is_answering())
        self.assertIsNone(process.poll(), self.log.read_text())
        return process

    def refused_start(self):
        """(exit code, what it said) of a node that must not start."""
        done = subprocess.run([str(BIN / "dunlind"), "--config", str(self.config)], capture_output=True, text=True, timeout=120, cwd=self.folder)
        return done.returncode, done.stderr

    def start_carrier(self, *options):
        log = self.folder / "carrier.jsonl"
        self.launch(BIN / "dunlin-carrier", "--listen", f"127.0.0.1:{CARRIER}", "--log", log, *options, log=self.folder / "carrier.log")
        self.wait_for("the carrier", lambda: log.exists() and "started" in log.read_text())

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=90)

    def stop_all(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()

    def dunlin(self, *words):
        return subprocess.run([str(BIN / "dunlin"), "--data", str(self.data), *map(str, words)], capture_output=True, text=True, timeout=60)

    def is_answering(self):
        """Well or not, it says so."""
        return self.dunlin("health").returncode in (0, 8)

    def ask(self, *words, exits=(0,)):
        done = self.dunlin("-o", "json", *words)
        self.assertIn(done.returncode, exits, done.stderr)
        return json.loads(done.stdout)

    def wait_for(self, what, is_there, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if is_there():
                return
            time.sleep(0.2)
        self.fail(f"{what} did not come; the node said: " + (self.log.read_text() if self.log.exists() else "nothing"))

    def wait_for_problem(self, *words):
        """A line of `health` with all these words."""
        self.wait_for(f"a problem with {words}", lambda: any(all(w in p for w in words) for p in self.ask("health", exits=(0, 8))["problems"]))

    # --- settings, ports, logins

    def test_broken_settings_stop_the_start_with_their_lines(self):
        rows = [('[media]\nport_min = "many"\n', ["node.toml:2", "media.port_min"]),
                ('[log]\nlevel = "loud"\n', ["node.toml:2", "log.level", "debug"]),
                ("[node\n", ["node.toml:1"]),
                ("[[trunk]]\nname = \"a\"\naddress = \"127.0.0.1:1\"\nregister_user = \"x\"\npassword_file = \"/nowhere/secret\"\n", ["/nowhere/secret"])]
        for text, words in rows:
            self.config.write_text(text)
            code, said = self.refused_start()
            self.assertIn(code, (1, 2), text)
            for word in words:
                self.assertIn(word, said)

    def test_a_port_in_use_is_named_with_its_option(self):
        for kind, port, option in ((socket.SOCK_DGRAM, TRUNK, "trunk.local_bind"), (socket.SOCK_STREAM, 15062, "agents.tls_bind")):
            with socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(("127.0.0.1", port))
                if kind == socket.SOCK_STREAM:
                    taken.listen()
                self.write()
                code, said = self.refused_start()
            self.assertEqual(code, 1)
            for word in (option, f"127.0.0.1:{port}", "another program has this port"):
                self.assertIn(word, said)

    def test_a_wrong_trunk_password_says_what_to_check(self):
        scenario = self.folder / "carrier.toml"
        scenario.write_text('[mix]\nperson = 1\n[auth]\nuser = "dunlin"\npassword = "right"\nrealm = "carrier"\nalgorithm = "MD5"\n')
        self.start_carrier("--scenario", scenario)
        secret = self.folder / "secret"
        secret.write_text("wrong\n")
        secret.chmod(0o400)
        self.write(TRUNK_TEXT + f'register_user = "dunlin"\npassword_file = "{secret}"\n')
        self.start()
        self.wait_for_problem("trunk carrier", "401", "register_user", "password_file")

    def test_wrong_agent_passwords_end_in_a_ban_that_is_told(self):
        self.write(agents=f'udp_bind = "127.0.0.1:{AGENTS_UDP}"\nplain_agent_networks = ["127.0.0.0/8"]\n')
        self.start()
        self.dunlin("agent", "add", "a001", "--name", "Robot", "--skills", "x")
        thief = Station(self, "127.0.0.9", AGENTS_UDP)
        for _ in range(5):
            status, reply = thief.ask("REGISTER")
            self.assertEqual(status, 401)
            nonce = re.search(r'nonce="([^"]+)"', reply)[1]
            credentials = (f'Authorization: Digest username="a001", realm="dunlin", nonce="{nonce}", uri="sip:127.0.0.1:{AGENTS_UDP}", '
                           f'response="{"0" * 64}", algorithm=SHA-256, qop=auth, cnonce="c", nc=00000001\r\n')
            thief.ask("REGISTER", credentials)
        self.wait_for("the ban", lambda: "banned" in self.log.read_text())
        line = next(line for line in self.log.read_text().splitlines() if "banned" in line)
        for word in ("127.0.0.9", "repeated authentication failures", "900 s", "agents.ban_s"):
            self.assertIn(word, line)
        self.assertEqual(thief.ask("REGISTER", patience=0.5, tries=2)[0], None)
        self.assertEqual(Station(self, "127.0.0.8", AGENTS_UDP).ask("REGISTER")[0], 401)

    # --- messages nobody asked for

    def test_unknown_methods_are_refused_to_the_carrier_and_nothing_is_said_to_strangers(self):
        self.write()
        self.start()
        carrier, stranger = Station(self, "127.0.0.1", TRUNK), Station(self, "127.0.0.9", TRUNK)
        for method, status in (("BREW", 501), ("SUBSCRIBE", 405), ("OPTIONS", 200)):
            got, reply = carrier.ask(method)
            self.assertEqual(got, status)
            self.assertEqual("Allow:" in reply, status != 501)
            self.assertEqual(stranger.ask(method, patience=0.3, tries=1)[0], None)
        self.assertTrue(self.is_answering())

    # --- a trunk that is not there

    def test_an_unreachable_trunk_is_named_and_nothing_is_dialed(self):
        self.write()
        self.start()
        self.wait_for_problem("trunk carrier", "no answer")
        portfolio = self.folder / "portfolio.csv"
        portfolio.write_text(CSV)
        self.assertEqual(self.dunlin("import", "run", portfolio, "--portfolio", "p").returncode, 0)
        self.dunlin("campaign", "create", "soft", "--portfolio", "p")
        self.dunlin("campaign", "start", "soft")
        self.wait_for("the reason", lambda: "carrier" in self.dunlin("campaign", "why-idle", "soft", "--lang", "en").stdout)
        self.wait_for("the trunk's fall", lambda: self.ask("trunk", "list")[0]["health"] == "down")
        self.assertEqual(self.ask("attempt", "list"), [])
        self.start_carrier()
        self.wait_for("the trunk", lambda: self.ask("trunk", "list")[0]["health"] == "up")

    # --- files

    def test_broken_portfolios_name_the_file_and_change_nothing(self):
        self.write()
        self.start()
        whole = PORTFOLIO.read_bytes()
        damaged = bytearray(whole)
        damaged[len(whole) // 2] ^= 0xFF
        rows = {"cut.xlsx": whole[: len(whole) // 2], "damaged.xlsx": bytes(damaged), "empty.csv": b"", "binary.csv": bytes(range(256)) * 64,
                "headless.csv": "один;два\n1;2\n".encode()}
        for name, content in rows.items():
            file = self.folder / name
            file.write_bytes(content)
            done = self.dunlin("import", "run", file, "--portfolio", "p")
            self.assertEqual(done.returncode, 1, name)
            self.assertIn(str(file), done.stderr)  # What is said; the report names the file whatever happens.
            self.assertNotIn("cases", done.stdout, "zeros about a file that was not read")
        absent = self.dunlin("import", "run", self.folder / "absent.csv", "--portfolio", "p")
        self.assertEqual(absent.returncode, 1)
        self.assertIn(f"{self.folder / 'absent.csv'}: Файл не найден", absent.stderr)
        self.assertEqual(self.ask("case", "list"), [])
        good = self.folder / "good.csv"
        good.write_text(CSV)
        self.assertEqual(self.dunlin("import", "run", good, "--portfolio", "p").returncode, 0)

    def test_a_stray_quote_costs_its_own_row_and_is_named(self):
        self.write()
        self.start()
        quote = self.folder / "quote.csv"
        rows = [f"Тестова Проверка Образцов{letter};31.01.1980;;+7916111{i:04d};Москва;Т-{i};1000,50;100,50;45;soft-1\n"
                for i, letter in enumerate("абвгдежзик")]
        rows[4] = '"' + rows[4]
        quote.write_text(CSV.splitlines(True)[0] + "".join(rows))
        done = self.dunlin("-o", "json", "import", "run", quote, "--portfolio", "p")
        self.assertEqual(done.returncode, 7, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["rows"], report["created"], report["rejected"]), (10, 9, 1), report)
        returned = (self.folder / "quote.rejects.csv").read_text(encoding="utf-8-sig")
        self.assertIn("кавычка открыта в строке 6 и не закрыта", returned)
        self.assertIn("Т-4", returned)

    def test_a_damaged_history_is_told_and_a_backup_brings_everything_back(self):
        self.write()
        node = self.start()
        imported = self.dunlin("import", "run", PORTFOLIO, "--portfolio", "p", "--rejects", self.folder / "rejects.xlsx")
        self.assertIn(imported.returncode, (0, 7), imported.stderr)
        cases = {row["case"] for row in self.ask("case", "list")}
        key = self.dunlin("key", "export").stdout
        self.assertEqual(self.dunlin("backup", self.folder / "backup").returncode, 0)
        self.assertEqual(self.stop(node), 0)
        self.assertEqual(self.stop(self.start()), 0)  # This start writes the log into table files.
        table = max((self.data / "history").glob("*.sst"), key=lambda file: file.stat().st_size)
        content = bytearray(table.read_bytes())
        content[len(content) // 2] ^= 1
        table.write_bytes(content)
        node = self.launch(BIN / "dunlind", "--config", self.config, "--clock-start", "2026-11-24T08:00:00Z", log=self.log)
        self.wait_for("the node or its refusal", lambda: node.poll() is not None or self.is_answering())
        if node.poll() is None:
            self.dunlin("history", "rebuild", "--verify")  # Reads every row.
            self.wait_for_problem("damaged", table.name, "restore")
            self.stop(node)
        else:
            self.assertIn("restore a backup", self.log.read_text())
        shutil.move(self.data, self.folder / "damaged")
        restored = self.dunlin("restore", self.folder / "backup", self.data)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        key_file = self.folder / "key.txt"
        key_file.write_text(key)
        installed = self.dunlin("key", "install", key_file)
        self.assertEqual(installed.returncode, 0, installed.stderr)
        self.start()
        self.assertEqual({row["case"] for row in self.ask("case", "list")}, cases)
        self.assertEqual(self.ask("history", "rebuild", "--verify")["differing_cases"], 0)


if __name__ == "__main__":
    unittest.main()
