#!/usr/bin/env python3
"""A call of a whole node over a TCP trunk, and over a TLS trunk that demands SRTP: answered, heard, well-sounding. A carrier
whose certificate the trunk's authority did not sign is not called, and the trunk's line says why."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness  # noqa: F401, finds the next two
import judge
import main_job
import rig
import trunk_test

TLS_PORT = 15069


class TrunkOver(trunk_test.TrunkTest):
    def __init__(self, arguments):
        super().__init__(arguments, f"trunk_over_{arguments.transport}")
        self.is_tls = arguments.transport == "tls"

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=self.data)

    def make_certificates(self):
        """Of the carrier by its authority, and another authority that knows nothing of it."""
        for authority in ("carrier-ca", "stranger-ca"):
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30000", "-subj", f"/CN={authority}",
                         "-keyout", f"{authority}.key", "-out", f"{authority}.pem")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", "carrier.key", "-out", "carrier.csr")
        (self.data / "carrier.ext").write_text("subjectAltName=IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "carrier.csr", "-CA", "carrier-ca.pem", "-CAkey", "carrier-ca.key", "-CAcreateserial",
                     "-days", "30000", "-extfile", "carrier.ext", "-out", "carrier.pem")

    def write_config(self, authority="carrier-ca"):
        super().write_config()
        path = self.data / "dunlin.toml"
        text = path.read_text()
        more = f'transport = "{self.arguments.transport}"\n'
        if self.is_tls:
            text = text.replace(f"127.0.0.1:{main_job.PORTS['carrier']}", f"127.0.0.1:{TLS_PORT}")
            more += f'ca_file = "{self.data / authority}.pem"\nsrtp = "required"\n'
        path.write_text(text.replace('local_bind = ', more + 'local_bind = ', 1))

    def check_stranger(self):
        self.kill_node()
        self.write_config("stranger-ca")
        self.start_node()
        self.wait_for("the trunk's fall", lambda: self.dunlin("trunk", "list")[0]["health"] == "down", 60)
        row = self.dunlin("trunk", "list")[0]
        self.expect("a certificate that is not trusted" in row["probe"], f"the trunk's line says why: {row}")
        code, seen, error = self.test("carrier", "--to", trunk_test.TEST_NUMBER)
        self.expect(code != 0 and seen.get("result") != "answered", f"an untrusted carrier: exit {code}: {seen} {error}")

    def run(self):
        self.make_folder()
        pathlib.Path(self.arguments.scenario).write_text(trunk_test.SCENARIO)
        if self.is_tls:
            self.make_certificates()
        self.write_config()
        self.start_carrier(*(("--listen-tls", f"127.0.0.1:{TLS_PORT}", "--certificate", self.data / "carrier.pem", "--key", self.data / "carrier.key")
                             if self.is_tls else ()))
        self.start_node()
        self.wait_for("the trunk", lambda: self.dunlin("trunk", "list")[0]["health"] == "up", 60)
        self.check_answered()
        seen = {row.get("transport") for row in judge.read_log(self.carrier_log()) if row["event"] == "invite"}
        self.expect(seen == {self.arguments.transport.upper()}, f"what the carrier was called over: {seen}")
        if self.is_tls:
            self.check_stranger()
        return self.verdict()


if __name__ == "__main__":
    main_job.run_and_stop(TrunkOver(rig.parse(__doc__, transport="tcp")))
