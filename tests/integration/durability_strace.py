#!/usr/bin/env python3
"""On the disk before on the wire, and whole after a power cut.

A dialing node runs under strace; at a random instant it is frozen, its data folder copied, and it is killed.

First claim: for every INVITE a fdatasync of the history's write-ahead log had ended, before the send began, that covers
the reservation (and for leg 2 its commitment). The history says where the fact stands (shard and sequence: `attempt list`),
the key of that row stands in the clear in the log file, and its record's end is an offset in that file. strace tells how
far the file was synced when the send began (syscalls.py says why its order of lines is sound). The claim holds when the
synced length reaches the record's end; no time stamp is compared. Every Call-ID of the carrier's log must be among the
sends seen, so no way out can be missed.

Second claim: the copy, with every file cut to its last synced byte and every file removed whose name was not synced in its
folder, is a store that opens, and the judge finds every call of the carrier in it, each settled once.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rig
import main_job
import syscalls


class Durability(rig.Rig):
    def run(self):
        self.strace_log = pathlib.Path(self.arguments.data).resolve().with_suffix(".strace")
        self.strace_log.unlink(missing_ok=True)
        self.require_strace()
        self.begin(under=syscalls.Trace.command(self.strace_log))
        self.wait_for_calls(self.arguments.calls, 240)
        time.sleep(random.Random(self.arguments.seed).uniform(0, 6))
        self.freeze_copy_and_kill()
        with open(self.strace_log, encoding="utf-8", errors="replace") as lines:
            trace = syscalls.Trace.of(lines)
        records = self.read_wal()
        self.cut_copy(trace)
        self.start_node()
        self.drain()
        attempts, _ = self.judge_history()
        self.judge_sends(trace, attempts, records)
        return self.verdict()

    @staticmethod
    def require_strace():
        probe = subprocess.run(["strace", "-f", "--seccomp-bpf", "-e", "trace=write", "true"], capture_output=True, text=True)
        if probe.returncode != 0:
            raise SystemExit("strace cannot trace here (needs ptrace and seccomp; see `sysctl kernel.yama.ptrace_scope`): "
                             "nothing was proven. " + probe.stderr.strip()[-300:])

    def node_pid(self):
        """The node is strace's child."""
        children = pathlib.Path(f"/proc/{self.node.pid}/task/{self.node.pid}/children").read_text().split()
        return int(children[0])

    def freeze_copy_and_kill(self):
        pid = self.node_pid()
        os.kill(pid, 19)
        self.wait_for("the frozen node", lambda: self.is_frozen(pid), 30)
        shutil.copytree(self.data / "node", self.data / "copy", ignore=lambda folder, names: [n for n in names if n.endswith(".sock")])
        os.kill(pid, 9)
        self.node.wait(timeout=60)

    @staticmethod
    def is_frozen(pid):
        """A thread inside a system call ends it first: only then the copy is of one instant."""
        states = [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        return all(state in "tT" for state in states)

    def read_wal(self):
        """Path -> [(end offset, payload)] of the history's write-ahead logs, from the whole copy."""
        logs = sorted((self.data / "copy/history").glob("*.log"))
        return {str(self.data / "node/history" / log.name): list(syscalls.wal_records(log.read_bytes())) for log in logs}

    def cut_copy(self, trace):
        """What a power cut leaves at worst takes the place of the node's folder."""
        lost, shortened = [], 0
        for file in [path for path in (self.data / "copy").rglob("*") if path.is_file()]:
            name = file.relative_to(self.data / "copy")
            known = trace.files.get(str(self.data / "node" / name))
            if known is None:
                self.problems.append(f"strace saw nobody make {name}")
            elif not known.is_named:
                lost.append(str(name))
                file.unlink()
            elif known.synced < file.stat().st_size:
                shortened += 1
                os.truncate(file, known.synced)
        self.say(f"cut: {shortened} files shortened, lost: {', '.join(sorted(lost)) or 'none'}")
        shutil.rmtree(self.data / "node")
        (self.data / "copy").rename(self.data / "node")

    def judge_sends(self, trace, attempts, records):
        rows = {row["attempt"]: row for row in attempts}
        seen = {send.call_id for send in trace.sends}
        # The carrier also knows of the calls made after the cut.
        last = trace.sends[-1].time if trace.sends else 0
        before = [event["call_id"] for event in rig.judge.read_log(self.carrier_log())
                  if event["event"] == "invite" and not event["is_reinvite"] and event["ts"] / 1000 <= last]
        self.problems += [f"the carrier got an INVITE that strace did not see: {call_id}" for call_id in set(before) - seen]
        for send in trace.sends:
            self.judge_send(send, rows, records)
        legs = [rig.judge.leg_of(call_id) for call_id in seen]
        self.expect(len(seen) >= self.arguments.calls, f"only {len(seen)} calls were traced")
        self.expect(any(leg and leg[1] == 2 for leg in legs), "no second leg was traced")
        self.say(f"{len(trace.sends)} INVITEs of {len(seen)} calls traced, each after its reservation's sync" if not self.problems else "judged the sends")

    def judge_send(self, send, rows, records):
        leg = rig.judge.leg_of(send.call_id)
        if leg is None or leg[0] not in rows:
            return self.problems.append(f"an INVITE without a reservation: {send.call_id}")
        row = rows[leg[0]]
        if leg[1] == 2 and not row["second_legs"]:
            return self.problems.append(f"a second leg without a commitment: {send.call_id}")
        place = row["place"] if leg[1] == 1 else row["second_legs"][0]["place"]
        for path, found in records.items():
            for end, payload in found:
                if syscalls.holds_event(payload, place):
                    if send.synced.get(path, 0) < end:
                        self.problems.append(f"{send.call_id} left when {path} was synced to {send.synced.get(path, 0)}, its commitment ends at {end}")
                    return None
        return self.problems.append(f"the row {place} of {send.call_id} is in no write-ahead log")


if __name__ == "__main__":
    main_job.run_and_stop(Durability(rig.parse(__doc__, calls=25), "durability"))
