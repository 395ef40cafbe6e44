#!/usr/bin/env python3
"""Redis dies by kill -9 while the node dials, comes back with its data, dies again, comes back empty and behind a changed
password; the node dies by kill -9 too. Dialing must not notice Redis, and every committed fact must be in the streams: at
least once, in order, none lost."""
import json
import pathlib
import re
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import main_job
import redis_link
import rig

PORT = 16379
PASSWORD = "correct-horse"


class RedisEvents(rig.LastingNode):
    def __init__(self, arguments):
        super().__init__(arguments, "redis_events")
        self.arguments.scenario = str(harness.ROOT / "demo/carrier.toml")
        self.redis = redis_link.RedisServer(self.data / "redis", PORT, PASSWORD)
        self.secret = self.data / "redis.password"
        self.seen = []      # (stream, fields) in the order of arrival, over all lives of the server

    def write_config(self):
        super().write_config()
        self.write_password(PASSWORD)
        with open(self.data / "dunlin.toml", "a") as config:
            config.write(f'\n[events]\nredis = "127.0.0.1:{PORT}"\nuser = "feeder"\npassword_file = "{self.secret}"\ncommand_timeout_ms = 1000\n')

    def write_password(self, text):
        self.secret.touch(mode=0o600)
        self.secret.write_text(text + "\n")

    def link(self):
        return redis_link.RedisLink(PORT, PASSWORD)

    def health(self):
        return self.dunlin("health")

    def attempts(self):
        return self.dunlin("attempt", "list")

    def collect(self, link):
        for stream in link.streams("dunlin:ev:default"):
            self.seen += [(stream, fields) for fields in link.entries(stream)]

    def dial_on(self, count):
        """The proof that the outage does not stop the work."""
        before = len(self.attempts())
        self.wait_for(f"{count} more attempts", lambda: len(self.attempts()) >= before + count, 120)

    def wait_told(self):
        self.wait_for("an empty backlog", lambda: self.health()["event_bus"] == "connected, backlog 0", 120)

    def outage_with_data(self):
        self.redis.kill()
        self.dial_on(5)
        self.wait_for("the outage in `health`", lambda: self.health()["event_bus"].startswith("waiting since 20"), 60)
        self.wait_for("a backlog", lambda: int(self.health()["event_bus"].rsplit(" ", 1)[1]) > 0, 60)
        health = self.health()
        self.expect(any("events: " in problem for problem in health["problems"]), f"no problem shown: {health['problems']}")
        self.redis.start()
        self.wait_for("the bus to come back", lambda: self.health()["event_bus"].startswith("connected"), 60)
        print("killed with its data: back", flush=True)

    def outage_with_loss(self):
        """Writes are paused first, so that what the consumer has read is exactly what was ever acknowledged."""
        with self.link() as link:
            link.ask("CLIENT", "PAUSE", 600000, "WRITE")
            self.collect(link)
        self.redis.kill()
        self.redis.forget()
        self.write_password("wrong-horse")
        self.dial_on(5)
        self.redis.start()
        self.wait_for("a clear word about the password", lambda: any("wrong password" in p for p in self.health()["problems"]), 60)
        self.expect("wrong-horse" not in (self.data / "node.log").read_text(), "the password is in the log")
        self.write_password(PASSWORD)
        self.wait_for("the bus to come back", lambda: self.health()["event_bus"].startswith("connected"), 60)
        print("killed and emptied, wrong password, right again: back", flush=True)

    def death_of_the_node(self):
        """Between the server's answer and the saved position lies a moment: repeats are allowed, holes are not."""
        self.kill_node()
        self.start_node()
        self.dial_on(3)
        print("node killed and restarted", flush=True)

    def whole_feed(self):
        """Straight from the history, page by page."""
        rows, place = [], ".".join(["0"] * 257)
        while True:
            page = self.ask_socket("event", "tail", "--after", place)
            rows += page["rows"]
            if page["place"] == place:
                return rows
            place = page["place"]

    def is_quiet(self):
        """Recordings and wrap-ups end after their calls and tell it: what comes later than the comparison would seem lost."""
        known = len(self.whole_feed())
        time.sleep(2)
        return len(self.whole_feed()) == known

    def ask_socket(self, *words):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.data / "node/dunlin.sock"))
            connection.sendall(json.dumps({"argv": words}).encode() + b"\n")
            lines = connection.makefile("r")
            view = json.loads(lines.readline())
            if view["type"] != "view":
                raise SystemExit(f"{words}: {view}")
            return view["view"]

    def judge_streams(self):
        events = {}
        last = {}
        for stream, fields in self.seen:
            event = json.loads(fields["ce"])
            self.expect(fields["id"] == event["id"] and fields["type"] == event["type"] and fields["subject"] == event["subject"],
                        f"flat fields differ from the envelope of {event['id']}")
            self.expect(stream == "dunlin:ev:default:" + event["type"].split(".")[2], f"{event['type']} in {stream}")
            self.expect(not re.search(r"\+7\d{10}|\"[78]\d{10}\"", fields["ce"]), f"a number in the clear: {event['id']}")
            if event["id"] in events:
                self.expect(events[event["id"]] == event, f"{event['id']} was told in two ways")
                continue
            events[event["id"]] = event
            place = (stream, event["partitionkey"])
            self.expect(event["sequence"] >= last.get(place, ""), f"{event['id']} came before its elders in {stream}")
            last[place] = event["sequence"]
        return events

    def judge(self):
        events = self.judge_streams()
        feed = {event["id"]: event for event in self.whole_feed()}
        self.expect(set(events) == set(feed), f"lost: {sorted(set(feed) - set(events))[:5]}, unknown: {sorted(set(events) - set(feed))[:5]}")
        attempts = self.attempts()
        finished = {}
        for event in events.values():
            if event["type"] == "ru.dunlin.attempt.finished.v1":
                finished.setdefault(event["subject"], []).append(event)
        for attempt in attempts:
            told = finished.pop(attempt["attempt"], [])
            self.expect(attempt["outcome"], f"{attempt['attempt']} is not settled")
            self.expect(len(told) == 1, f"{attempt['attempt']} has {len(told)} ends")
            for event in told:
                self.expect(event["data"]["outcome"] == attempt["outcome"], f"{attempt['attempt']}: another outcome")
                self.expect(event["campaign"] == attempt["campaign"], f"{attempt['attempt']}: another campaign")
        self.expect(not finished, f"ends of unknown attempts: {list(finished)[:3]}")
        kinds = {event["type"].split(".", 2)[2][:-3] for event in events.values()}
        for kind in ("case.imported", "attempt.planned", "call.answered", "call.bridged", "call.ended", "disposition.set", "campaign.started",
                     "import.finished", "recording.ready"):
            self.expect(kind in kinds, f"no {kind} event")
        self.expect(len(attempts) > 15, f"only {len(attempts)} attempts: nothing was proven")
        print(f"{len(attempts)} attempts, {len(feed)} facts in the feed, {len(self.seen)} entries read from the streams "
              f"({len(self.seen) - len(events)} told twice)")

    def judge_hints(self, link):
        """Hints are news of the moment; some must have come through."""
        topics = set()
        deadline = time.monotonic() + 60
        while topics < {"agent", "call", "campaign"} and time.monotonic() < deadline:
            kind, _, channel, payload = link.read()
            if kind == "pmessage":
                topics.add(channel.rsplit(":", 1)[1])
                json.loads(payload)
        self.expect(topics == {"agent", "call", "campaign"}, f"live hints of {sorted(topics)} only")

    def judge_tail(self):
        latest = self.dunlin("event", "tail", "--type", "attempt.*", "--last", "5")
        self.expect(len(latest) == 5 and all(e["type"].startswith("ru.dunlin.attempt.") for e in latest), "event tail --type --last")
        whole = self.whole_feed()
        attempts = sorted(e["time"] for e in whole if e["type"].startswith("ru.dunlin.attempt."))
        self.expect([e["time"] for e in latest] == attempts[-5:], "event tail does not show the latest")
        case = latest[0]["data"]["case"]
        story = self.dunlin("event", "tail", "--case", case, "--last", "10000")
        self.expect({e["id"] for e in story} == {e["id"] for e in whole if e["data"].get("case") == case}, "event tail --case")
        of_campaign = self.dunlin("event", "tail", "--campaign", "demo", "--last", "10000")
        self.expect({e["id"] for e in of_campaign} == {e["id"] for e in whole if "campaign" in e}, "event tail --campaign")
        metrics = self.dunlin("metrics", as_json=False)
        self.expect("dunlin_events_backlog 0" in metrics, "the backlog is not in the metrics")
        self.expect(re.search(r"dunlin_events_reconnects_total [1-9]", metrics), "no reconnects counted")

    def run(self):
        self.make_folder()
        self.write_config()
        self.redis.start()
        self.start_carrier()
        self.start_node()
        self.add_agents()
        self.import_portfolio()
        self.start_robots()
        self.dunlin("campaign", "create", "demo", "--portfolio", "demo", "--skill", "demo")
        with self.link() as listener:
            listener.ask("PSUBSCRIBE", "dunlin:live:default:*")
            self.dunlin("campaign", "start", "demo")
            self.judge_hints(listener)
        self.dial_on(5)
        self.outage_with_data()
        self.death_of_the_node()
        self.outage_with_loss()
        self.dial_on(3)
        self.wait_for("a call with an agent", lambda: self.dunlin("campaign", "show", "demo")["connected"] > 0, 120)
        self.dunlin("campaign", "pause", "demo")
        self.wait_for("the end of the talks", lambda: self.dunlin("call", "list") == [], 90)
        self.wait_for("the last wrap-up", lambda: all(a["state"] not in ("talking", "wrap_up", "reserved") for a in self.dunlin("agent", "list")), 60)
        self.wait_for("the recordings", lambda: self.dunlin("recording", "list") != [], 60)
        self.wait_for("the last facts", self.is_quiet, 60)
        self.wait_told()
        with self.link() as link:
            self.collect(link)
        self.judge()
        self.judge_tail()
        return self.verdict()

    def stop(self):
        super().stop()
        self.redis.kill()


if __name__ == "__main__":
    main_job.run_and_stop(RedisEvents(rig.parse(__doc__, seed=3)))
