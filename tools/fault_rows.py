"""The rows of the fault matrix: what is broken, how it is healed, and what must be seen meanwhile.

Each row is a class with `strike(job, dice)`, called while three nodes dial. It leaves the cluster as it found it and
returns the seconds until the work went on, or None where that is no question. What a row finds wrong goes to
`job.expect`; calls and history are judged by tools/judge.py in the end, all rows together.
"""
import contextlib
import signal
import time

LEASE_S = 4
GRACE_S = 6  # Of a lease: renewal under way, scheduling, and the slowest machine's share.


def seconds_until_calls(job, began):
    """Until the cluster dials again."""
    job.await_new_calls(3)
    return time.monotonic() - began


@contextlib.contextmanager
def paused(process, seconds):
    """Stopped while the block runs, and `seconds` at least."""
    process.send_signal(signal.SIGSTOP)
    until = time.monotonic() + seconds
    try:
        yield
        time.sleep(max(0.0, until - time.monotonic()))
    finally:
        process.send_signal(signal.SIGCONT)


class NodeKilled:
    """A node process ends without a word, and comes back."""
    name = "F1"
    title = "kill -9 of a node"

    def strike(self, job, dice):
        victim = dice.choice(job.nodes)
        theirs = job.shards_of(victim, seen_by=job.another(victim))
        began = time.monotonic()
        job.end_node(victim, signal.SIGKILL)
        seconds = job.await_takeover(victim, began)
        job.await_new_calls(3, shards=theirs)
        job.bring_back(victim)
        return seconds


class NodeKilledAtSend:
    """A node ends exactly at a system call: on the way to a trunk, to etcd, or at a sync of its disk."""
    name = "F2"
    title = "end at a send or a sync"
    POINTS = ("sendmsg", "sendto", "fdatasync", "write")

    def strike(self, job, dice):
        victim, point = dice.choice(job.nodes), dice.choice(self.POINTS)
        job.end_node(victim, signal.SIGTERM)
        nth = dice.randrange(20, 400)
        began_with = len(job.calls())
        job.watch_death(job.start_doomed(victim, point, nth), 60)
        job.say(f"{victim} ended at {point} number {nth}, {len(job.calls()) - began_with} calls after its start")
        seconds = job.await_takeover(victim, time.monotonic())
        job.bring_back(victim)
        return seconds


class NodePaused:
    """A node stands still and goes on as if nothing had been: longer or shorter than its lease."""
    name = "F5"
    title = "a node pauses"

    def strike(self, job, dice):
        victim, pause = dice.choice(job.nodes), dice.choice((2, 8, 30))
        began = time.monotonic()
        job.live.discard(victim)
        with paused(job.process(f"node-{victim}"), pause):
            seconds = job.await_takeover(victim, began) if pause > LEASE_S + GRACE_S else None
        job.live.add(victim)
        job.await_settled()
        job.await_new_calls(3)
        return seconds


class EtcdLeaderKilled:
    name = "F6"
    title = "kill -9 of etcd's leader"

    def strike(self, job, dice):
        leader = job.etcd_leader()
        began = time.monotonic()
        job.kill_etcd(leader)
        seconds = seconds_until_calls(job, began)
        job.start_etcd_member(leader)
        job.await_settled()
        return seconds


class EtcdLeaderPaused:
    name = "F7"
    title = "etcd's leader pauses 45 s"

    def strike(self, job, dice):
        leader = job.etcd_leader()
        began = time.monotonic()
        with paused(job.process(f"etcd-{leader}"), 45):
            seconds = seconds_until_calls(job, began)
        job.await_settled()
        job.await_new_calls(3)
        return seconds


class EtcdQuorumLost:
    """Without a majority nothing can be reserved: nobody dials, talks go on, and it mends itself."""
    name = "F8"
    title = "two of three etcd members die"

    def strike(self, job, dice):
        dead = dice.sample(range(job.etcd_members), 2)
        for member in dead:
            job.kill_etcd(member)
        time.sleep(LEASE_S + GRACE_S)
        job.expect_quiet(8, "etcd had no majority")
        for member in dead:
            job.start_etcd_member(member)
        began = time.monotonic()
        job.await_settled()
        return seconds_until_calls(job, began)


class AnswersLost:
    """Requests reach etcd, answers do not: every such commit is in doubt, and nobody is dialed on a doubt."""
    name = "F10"
    title = "etcd's answers get lost"

    def strike(self, job, dice):
        before = job.broken_answers()
        for relay in job.relays_of(*job.nodes):
            relay.lose_answers(dice.choice((0.02, 0.1, 0.3)))
        try:
            time.sleep(20)
        finally:
            for relay in job.relays_of(*job.nodes):
                relay.open()
        job.expect(job.broken_answers() - before > 10, f"only {job.broken_answers() - before} answers were lost: nothing was proven")
        began = time.monotonic()
        job.await_settled()
        return seconds_until_calls(job, began)


class CutFromEtcd:
    """One node no longer reaches etcd: it dials nobody, its shards move, its talks end in order."""
    name = "F13"
    title = "a node is cut from etcd"

    def strike(self, job, dice):
        victim = dice.choice(job.nodes)
        began = time.monotonic()
        for relay in job.relays_of(victim):
            relay.cut()
        try:
            seconds = job.await_takeover(victim, began)
            job.await_new_calls(3)
            job.expect_no_calls_by(victim, 8, "it was cut from etcd")
        finally:
            for relay in job.relays_of(victim):
                relay.open()
        job.await_settled()
        return seconds


class StrangerInCluster:
    """A node of another cluster is pointed at this one's etcd by mistake."""
    name = "F22"
    title = "a node with another secret joins"

    def strike(self, job, dice):
        text = job.start_stranger()
        job.expect("secret" in text, f"a node with another secret was not told so: {text[-300:]!r}")
        job.await_settled()
        return None


class CarrierSilent:
    """The carrier answers nothing for a while: attempts fail in order, and no storm comes after."""
    name = "F24"
    title = "the carrier is silent 15 s"

    def strike(self, job, dice):
        with paused(job.process("carrier"), 15):
            pass
        return seconds_until_calls(job, time.monotonic())


ROWS = {row.name: row for row in (NodeKilled, NodeKilledAtSend, NodePaused, EtcdLeaderKilled, EtcdLeaderPaused, EtcdQuorumLost,
                                  AnswersLost, CutFromEtcd, StrangerInCluster, CarrierSilent)}
