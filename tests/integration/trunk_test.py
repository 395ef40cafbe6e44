#!/usr/bin/env python3
"""`trunk test`: one call to a number configured for it, with ladder and sound, and everything it must refuse."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness  # noqa: F401, finds the next two
import judge
import main_job
import rig

TEST_NUMBER = "+79990000001"
UNREACHABLE = "+79990000002"
SCENARIO = """[mix]
person = 1
[ring]
post_dial_delay_ms = [200, 300]
answer_after_ms = [500, 700]
early_media_share = 0.0
[talk]
talk_ms = [60000, 60000]
hangs_up_share = 0.0
patience_ms = [60000, 60000]
"""


class TrunkTest(rig.LastingNode):
    def __init__(self, arguments, name="trunk_test"):
        super().__init__(arguments, name)
        self.arguments.scenario = str(pathlib.Path(arguments.data + ".carrier.toml"))

    def write_config(self):
        super().write_config()
        path = self.data / "dunlin.toml"
        numbers = f'test_numbers = ["{TEST_NUMBER}", "{UNREACHABLE}"]\nchannels = '
        path.write_text(path.read_text().replace("channels = ", numbers, 1))

    def test(self, *words):
        command = [str(self.bin / "dunlin"), "--socket", str(self.data / "node" / "dunlin.sock"), "-o", "json", "trunk", "test", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr

    def check_answered(self):
        code, seen, error = self.test("carrier", "--to", TEST_NUMBER)
        self.expect(code == 0, f"a working trunk: exit {code}: {error} {seen}")
        self.expect(seen.get("result") == "answered" and seen.get("heard") is True, f"answered and heard: {seen}")
        self.expect(float(seen.get("mos", "0").replace("-", "0")) > 3.5, f"sound over loopback is good: {seen.get('mos')}")
        self.expect(7000 <= seen.get("talk_ms", 0) <= 20000, f"listened for seconds: {seen.get('talk_ms')}")
        ladder = " ".join(row["message"] for row in seen.get("ladder", []))
        for part in ("INVITE", "180", "200", "ACK", "BYE"):
            self.expect(part in ladder, f"{part} is in the ladder: {ladder}")
        self.expect(TEST_NUMBER not in json.dumps(seen), "the number is masked")
        calls = judge.calls_of(judge.read_log(self.carrier_log()))
        self.expect(len(calls) == 1, f"the carrier saw one call: {len(calls)}")
        self.expect(self.dunlin("attempt", "list") == [], "a test is no attempt at anybody")

    def check_kept(self):
        """What was told is read back, from this life and the next; a test that a kill cut short is settled at the start."""
        before = self.dunlin("trunk", "tests")
        self.expect([(row["trunk"], row["result"], row["heard"]) for row in before] == [("carrier", "answered", True)], f"the stored test: {before}")
        self.expect(TEST_NUMBER not in json.dumps(before), "the number of a stored test is masked")
        command = [str(self.bin / "dunlin"), "--socket", str(self.data / "node" / "dunlin.sock"), "trunk", "test", "carrier", "--to", TEST_NUMBER]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as cut:
            self.wait_for("the second test", lambda: any(row["result"] == "under_way" for row in self.dunlin("trunk", "tests")), 30)
            self.kill_node()
            cut.wait(timeout=60)
        self.start_node()
        after = self.dunlin("trunk", "tests", "carrier")
        self.expect([row["result"] for row in after] == ["unknown_after_failure", "answered"], f"after a kill: {after}")
        self.expect(after[1:] == before, f"the first test is read back as it was: {after[1:]} {before}")
        self.wait_for("the trunk", lambda: self.dunlin("trunk", "list")[0]["health"] == "up", 60)
        seen = subprocess.run([*command[:3], "trunk", "tests", "nowhere"], capture_output=True, text=True, timeout=60)
        self.expect(seen.returncode == 3 and "no trunk nowhere; there are carrier" in seen.stderr, f"tests of an unknown trunk: {seen}")

    def check_refusals(self):
        debtor = self.data / "debtor.csv"
        debtor.write_text(f"ФИО;Дата рождения;Телефон;Номер договора;Сумма долга\nПробный Иван Тестович;01.02.1980;{UNREACHABLE};T-1;1000,00\n")
        self.dunlin("import", "run", str(debtor), "--portfolio", "t")
        for words, code, text in [(("carrier", "--to", "+79161234567"), 5, "not one of test_numbers"),
                                  (("carrier", "--to", UNREACHABLE), 5, "belongs to a case"),
                                  (("carrier",), 2, "--to NUMBER is missing"),
                                  (("nowhere", "--to", TEST_NUMBER), 3, "no trunk nowhere; there are carrier")]:
            seen, _, error = self.test(*words)
            self.expect(seen == code and text in error, f"trunk test {' '.join(words)}: exit {seen}, {error}")

    def check_dead_carrier(self):
        carrier = self.let_go("carrier")
        carrier.kill()
        carrier.wait()
        code, seen, error = self.test("carrier", "--to", TEST_NUMBER)
        self.expect(code != 0 and seen.get("result") != "answered", f"a dead carrier: exit {code}: {seen} {error}")

    def run(self):
        self.make_folder()
        pathlib.Path(self.arguments.scenario).write_text(SCENARIO)
        self.write_config()
        self.start_carrier()
        self.start_node()
        self.wait_for("the trunk", lambda: self.dunlin("trunk", "list")[0]["health"] == "up", 60)
        self.check_answered()
        self.check_kept()
        self.check_refusals()
        self.check_dead_carrier()
        return self.verdict()


if __name__ == "__main__":
    main_job.run_and_stop(TrunkTest(rig.parse(__doc__)))
