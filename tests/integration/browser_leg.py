#!/usr/bin/env python3
"""A leg that is a real browser: headless Chromium against the media engine (browser/browser_rig.cpp).

usage: browser_leg.py BUILD_FOLDER; exits 77 only where Chromium or its driver is not installed, or cannot start a page.
Measured: our tone in the page's analyser, the page's tone in the worker, keys by RFC 4733, an ICE restart without a lost packet,
a takeover by a new page, a wrong fingerprint, Opus, a page that says good-bye and one that vanishes.
"""
import json
import math
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import wave

HERE = pathlib.Path(__file__).resolve().parent
PORT = 47000
DRIVER = 47500
PAGE_TONE = 700
OUR_TONE = 1000


def eventually(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"within {seconds} s: {what}")


def write_microphone(path):
    """Five seconds of tone, a whole number of waves: Chromium plays it round and round."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * PAGE_TONE * i / 48000))) for i in range(240000)))


class Rig:
    def __init__(self, build, folder):
        path = folder / "rig.sock"
        self.process = subprocess.Popen([build / "bin" / "browser_rig", path, str(PORT)])
        self.socket = socket.socket(socket.AF_UNIX)
        eventually("the rig listens", lambda: path.exists() or self.process.poll() is not None)
        time.sleep(0.2)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")

    def ask(self, line):
        self.socket.sendall((line + "\n").encode())
        return self.lines.readline().rstrip("\n")

    def ok(self, line):
        answer = self.ask(line)
        assert answer.startswith("ok"), f"{line[:60]}: {answer}"
        return answer[3:]

    def offer(self, leg, sdp, network="good"):
        return bytes.fromhex(self.ok(f"offer {leg} {network} {sdp.encode().hex()}")).decode()

    def events(self):
        return [event for event in self.ok("events").split(";") if event]

    def tone(self, leg):
        hertz, loudness = map(float, self.ok(f"heard {leg}").split())
        return hertz if loudness > 300 else 0


class NoBrowser(Exception):
    """Chromium is installed, but opens no page here."""


class Browser:
    """One Chromium behind its driver, which speaks JSON over HTTP (WebDriver)."""

    def __init__(self, folder, microphone):
        self.driver = subprocess.Popen(["chromedriver", f"--port={DRIVER}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually("chromedriver answers", self.is_ready)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}/profile",
                            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}",
                            "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection", "--no-first-run"]}
        self.session = "/session/" + self.begin({"goog:chromeOptions": options, "timeouts": {"script": 20000}})
        self.show()

    def begin(self, capabilities, tries=3):
        """A browser that dies before its first page says nothing about legs: it is started again."""
        for number in range(tries):
            try:
                return self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]
            except AssertionError as refused:
                print(f"no browser yet ({number + 1} of {tries}): {refused}", flush=True)
                reason = refused
                time.sleep(2)
        self.driver.kill()
        raise NoBrowser(str(reason)[:200])

    def is_ready(self):
        try:
            return self.call("GET", "/status")["ready"]
        except (urllib.error.URLError, ConnectionError):
            return False

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{DRIVER}{path}", method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()[:400]}") from error

    def show(self):
        self.call("POST", self.session + "/url", {"url": (HERE / "browser" / "page.html").as_uri()})

    def run(self, script, *arguments):
        """The value of a promise or a plain value of the page."""
        wrapped = ("const done = arguments[arguments.length - 1]; const words = [...arguments].slice(0, -1);"
                   f"(async () => ({script}))().then((value) => done({{value}}), (error) => done({{error: String(error)}}));")
        told = self.call("POST", self.session + "/execute/async", {"script": wrapped, "args": list(arguments)})
        assert "error" not in told, f"{script}: {told.get('error')}"
        return told.get("value")

    def stats(self):
        return self.run("stats()")

    def tone(self):
        """Digital silence is -Infinity decibels in the page, which JSON writes as null."""
        hertz, level = self.run("tone()")
        return hertz if level is not None and level > -60 else 0

    def stop(self):
        if getattr(self, "session", None):
            try:
                self.call("DELETE", self.session)
            except (AssertionError, urllib.error.URLError, ConnectionError):
                pass
        self.driver.terminate()
        self.driver.wait()


def connect(rig, page, leg, network="good"):
    page.run("answer(words[0])", rig.offer(leg, page.run("start()"), network))
    eventually("the page is connected", lambda: page.stats()["state"] == "connected")


def hears_both_ways(rig, page, leg):
    eventually(f"{OUR_TONE} Hz in the page", lambda: abs(page.tone() - OUR_TONE) < 8)
    eventually(f"{PAGE_TONE} Hz in the worker", lambda: abs(rig.tone(leg) - PAGE_TONE) < 8)
    print(f"  page hears {page.tone():.0f} Hz, worker hears {rig.tone(leg):.0f} Hz", flush=True)


def sound_and_keys(rig, page):
    begun = time.monotonic()
    connect(rig, page, 1)
    print(f"connected after {time.monotonic() - begun:.2f} s, {page.stats()}", flush=True)
    rig.ok(f"tone 1 {OUR_TONE}")
    hears_both_ways(rig, page, 1)
    assert page.stats()["codec"] == "audio/PCMA", page.stats()
    page.run("press('15#')")
    eventually("the keys 15#", lambda: [e for e in rig.events() if e.startswith("digit")] == ["digit 1", "digit 5", "digit #"])
    hears_both_ways(rig, page, 1)


def restart(rig, page):
    rig.ok("losses")
    before = page.stats()
    page.run("answer(words[0])", rig.offer(1, page.run("offer(true)")))
    eventually("another port of the page", lambda: page.stats()["local"] not in (0, before["local"]))
    time.sleep(2)
    after = page.stats()
    loss, refused = map(float, rig.ok("losses").split())
    print(f"ICE restart: port {before['local']} to {after['local']}, page received {before['received']} to {after['received']}, "
          f"lost {before['lost']} to {after['lost']}, worker's worst loss {loss:.2f} %, refused {refused:.0f}", flush=True)
    assert after["lost"] == before["lost"] and loss == 0, "an ICE restart loses nothing"
    assert after["received"] > before["received"] + 80, "sound went on"
    hears_both_ways(rig, page, 1)
    assert not [e for e in rig.events() if e.startswith("lost")], rig.events()


def takeover(rig, page):
    """The page is loaded anew, as after a crash of the tab: a new connection for the same leg."""
    page.show()
    connect(rig, page, 1)
    eventually("the worker has taken the new page", lambda: len([e for e in rig.events() if e.startswith("connected")]) == 2)
    hears_both_ways(rig, page, 1)


def opus(rig, page):
    page.show()
    connect(rig, page, 2, "poor")
    rig.ok(f"tone 2 {OUR_TONE}")
    hears_both_ways(rig, page, 2)
    assert page.stats()["codec"] == "audio/opus", page.stats()


def wrong_fingerprint(rig, page):
    page.show()
    sdp = page.run("start()")
    at = sdp.index("a=fingerprint:sha-256 ") + 22
    spoilt = sdp[:at] + ("00" if sdp[at:at + 2] != "00" else "01") + sdp[at + 2:]
    page.run("answer(words[0])", rig.offer(3, spoilt))
    eventually("the refusal", lambda: [e for e in rig.events() if "wrong_fingerprint" in e])
    eventually("the page fails, too", lambda: page.stats()["state"] == "failed")
    assert page.stats()["received"] == 0
    print("wrong fingerprint refused:", rig.events()[-1], flush=True)


def bad_offers(rig, page):
    video = page.run("offer(false)") + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
    assert "the second is m=video" in rig.ask(f"offer 4 good {video.encode().hex()}")
    assert rig.ask("offer 4 good 00").startswith("error offer:")


def good_bye(rig, page):
    page.show()
    connect(rig, page, 5)
    page.run("peer.close()")
    eventually("the good-bye", lambda: [e for e in rig.events() if e.endswith("closed")])


def vanished(rig, page):
    page.show()
    connect(rig, page, 6)
    silent = rig.events().count("silent")
    kill_browser(page)
    begun = time.monotonic()
    eventually("its silence is noticed", lambda: rig.events().count("silent") > silent)
    print(f"vanished: silence noticed after {time.monotonic() - begun:.1f} s", flush=True)
    eventually("its consent has ended", lambda: [e for e in rig.events() if e.startswith("lost") and e.endswith("silent")], 45)
    print(f"vanished: consent ended after {time.monotonic() - begun:.1f} s", flush=True)


def kill_browser(page):
    """The driver's children only: the browser it has started."""
    own = subprocess.run(["ps", "-o", "pid=", "--ppid", str(page.driver.pid)], capture_output=True, text=True, check=True).stdout.split()
    assert own, "the driver has a browser"
    for process in own:
        subprocess.run(["kill", "-9", process], check=False)
    page.session = None


def main():
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        print("chromium or chromedriver is not installed")
        return 77
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        microphone = folder / "microphone.wav"
        write_microphone(microphone)
        rig = Rig(build, folder)
        page = None
        try:
            page = Browser(folder, microphone)
            for part in (sound_and_keys, restart, takeover, opus, wrong_fingerprint, bad_offers, good_bye, vanished):
                print(part.__name__, flush=True)
                part(rig, page)
            assert not [e for e in rig.events() if e.startswith("refused")], rig.events()
        except NoBrowser as reason:
            print(f"Chromium opens no page here: {reason}")
            return 77
        finally:
            if page:
                page.stop()
            rig.process.kill()
            rig.process.wait()
    print("browser leg: all parts pass")
    return 0


if __name__ == "__main__":
    sys.exit(main())
