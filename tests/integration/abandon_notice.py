#!/usr/bin/env python3
"""Who picks up and gets no agent hears the notice, in sound, and is hung up after it, not before.

Once with an operator's abandon.wav, which is a tone and is measured at the far end; once with default settings, where the node
speaks the notice itself or, without a voice on the machine, plays tones. The agent goes on a break while the phone rings."""
import argparse
import math
import pathlib
import shutil
import struct
import sys
import threading
import wave

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness
import far_phone
import tone_meter
import tone_phone

import main_job
import supervision

CARRIER = 15060
NOTICE_HZ, NOTICE_S = 1000, 3
SPOKEN_LEAST_S = 1.5
LOUD = 500


class PersonCall(tone_phone.ToneCall):
    hz = 440


class LateExchange(tone_phone.ToneExchange):
    """Phones that ring until the test lets people answer."""
    phone_call = PersonCall

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.may_answer = threading.Event()

    def answer(self, call):
        if self.may_answer.is_set():
            super().answer(call)


class AbandonNotice(supervision.Supervision):
    def __init__(self, arguments, has_prompts):
        super().__init__(arguments)
        self.has_prompts = has_prompts
        self.problems = []

    def write_config(self):
        super().write_config()
        if not self.has_prompts:
            return
        prompts = self.data / "prompts"
        prompts.mkdir()
        with wave.open(str(prompts / "abandon.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"".join(struct.pack("<h", int(tone_phone.AMPLITUDE * math.sin(2 * math.pi * NOTICE_HZ * n / 8000)))
                                       for n in range(8000 * NOTICE_S)))
        config = self.data / "dunlin.toml"
        config.write_text(config.read_text().replace("[media]\n", f'[media]\nprompts_folder = "{prompts}"\n'))

    def heard(self, call):
        """What came to the phone, and for how long it was loud."""
        samples = [tone_phone.LINEAR[byte] for _, payload in call.line.heard for byte in payload]
        frames = [samples[i:i + 160] for i in range(0, len(samples) - 159, 160)]
        loud = [n for n, frame in enumerate(frames) if sum(map(abs, frame)) / 160 > LOUD]
        return samples, (loud[-1] - loud[0] + 1) * 0.02 if loud else 0

    def judge_tone(self, samples):
        tone = tone_meter.measure(samples, NOTICE_HZ)
        print(f"  the notice at the far end: {tone}")
        if tone is None:
            self.problems.append("the operator's notice was not heard")
            return
        sent = tone_meter.decibels(tone_phone.AMPLITUDE**2 / 2)
        self.expect("its frequency is within 2 Hz", abs(tone.hz - NOTICE_HZ) <= 2, True)
        self.expect("its level is within 3 dB", abs(tone.level_db - sent) <= 3, True)
        self.expect("it is heard whole", abs(tone.seconds - NOTICE_S) <= 0.1, True)

    def judge_spoken(self, seconds):
        made = self.node_folder() / "prompts/abandon.wav"
        has_voice = bool(shutil.which("espeak-ng") and shutil.which("sox"))
        self.expect("the node has spoken its notice", made.exists(), has_voice)
        least = SPOKEN_LEAST_S
        if made.exists():
            with wave.open(str(made)) as sound:
                least = sound.getnframes() / sound.getframerate() - 0.7  # Silence at its ends is not loud.
        print(f"  loud for {seconds:.2f} s, at least {least:.2f} s wanted")
        self.expect("the default notice is heard to its end", seconds >= least, True)

    def ring(self, exchange):
        self.dunlin("campaign", "create", "c", "--portfolio", "people", "--no-classifier")
        self.dunlin("campaign", "start", "c")
        self.wait_for("the phone's ringing", lambda: exchange.calls, 90)
        self.dunlin("campaign", "pause", "c")
        self.dunlin("agent", "break", "ann")
        exchange.may_answer.set()
        call = next(iter(exchange.calls.values()))
        exchange.answer(call)
        return call

    def run(self):
        self.make_folder()
        self.write_config()
        with LateExchange(CARRIER, [far_phone.Person(supervision.NUMBER, acts=[])]) as exchange:
            self.start_node()
            phone = self.seat("ann", 600)
            self.dunlin("agent", "ready", "ann")
            self.import_person()
            call = self.ring(exchange)
            self.wait_for("the hang-up", lambda: call.bye_at is not None)
            self.wait_for("the outcome", lambda: self.dunlin("attempt", "list")[0]["outcome"])
            phone.hang_up()
            self.expect("the outcome", self.dunlin("attempt", "list")[0]["outcome"], "abandoned")
            samples, seconds = self.heard(call)
            if self.has_prompts:
                self.judge_tone(samples)
            else:
                self.judge_spoken(seconds)
            self.problems += exchange.problems
        return harness.verdict(self.problems)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    arguments = parser.parse_args()
    code = 0
    for name in ("given", "default"):
        arguments.data = str(pathlib.Path(arguments.build) / "integration/abandon_notice" / name)
        print(f"== notice: {name}", flush=True)
        job = AbandonNotice(arguments, name == "given")
        try:
            code |= job.run()
        finally:
            job.stop()
    sys.exit(code)


if __name__ == "__main__":
    main()
