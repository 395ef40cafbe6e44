"""Measures a tone in 16-bit WAVE audio: frequency, level, longest gap within the best ten seconds. Standard library only.

Levels are dBov: a full-scale sine is -3.0."""
import array
import dataclasses
import math
import wave

RATE = 8000
FRAME = 80  # 10 ms
WINDOW_FRAMES = 1000  # 10 s


@dataclasses.dataclass
class Tone:
    hz: float
    level_db: float
    gap_ms: int  # Longest pause within the best ten seconds.
    seconds: float  # From the first to the last frame that holds the tone.
    begins_s: float

    def __str__(self):
        return f"{self.hz:.1f} Hz, {self.level_db:.1f} dBov, gap {self.gap_ms} ms, {self.seconds:.1f} s from {self.begins_s:.1f} s"


def read_wav(path):
    """One list of samples a channel, brought to 8 kHz by averaging. A file still being written is read as far as it goes."""
    with wave.open(str(path), "rb") as file:
        channels, rate = file.getnchannels(), file.getframerate()
        data = array.array("h", file.readframes(file.getnframes()))
    step = rate // RATE
    made = []
    for channel in range(channels):
        samples = data[channel::channels]
        made.append(samples if step == 1 else array.array("h", (sum(samples[i:i + step]) // step for i in range(0, len(samples) - step + 1, step))))
    return made


def power_at(samples, hz):
    """Mean power of one frequency alone (Goertzel)."""
    w = 2 * math.pi * hz / RATE
    factor, s1, s2 = 2 * math.cos(w), 0.0, 0.0
    for sample in samples:
        s1, s2 = sample + factor * s1 - s2, s1
    return 2 * (s1 * s1 + s2 * s2 - factor * s1 * s2) / (len(samples) * len(samples))


def decibels(power):
    return 10 * math.log10(max(power, 1e-6) / 32768.0**2)


def measure(samples, near_hz):
    """The tone near a frequency, or None when it is nowhere loud."""
    powers = [power_at(samples[i:i + FRAME], near_hz) for i in range(0, len(samples) - FRAME + 1, FRAME)]
    if not powers:
        return None
    usual = sorted(powers)[int(len(powers) * 0.9)]
    if decibels(usual) < -45:
        return None
    holds = [power > usual / 4 for power in powers]
    first, last = holds.index(True), len(holds) - 1 - holds[::-1].index(True)
    at, gap = best_window(holds, first, last)
    middle = samples[(at + 100) * FRAME:(at + 300) * FRAME]
    if len(middle) < 100 * FRAME:
        middle = samples[first * FRAME:(last + 1) * FRAME]
    hz = max((near_hz + step / 4 for step in range(-40, 41)), key=lambda f: power_at(middle, f))
    return Tone(hz, decibels(usual), gap * 10, (last - first + 1) / 100, first / 100)


def best_window(holds, first, last):
    """Where the ten seconds with the shortest longest gap begin; a shorter tone is judged whole."""
    starts = range(first, max(first + 1, last + 2 - WINDOW_FRAMES), 25)
    gaps = {at: longest_gap(holds[at:min(last + 1, at + WINDOW_FRAMES)]) for at in starts}
    best = min(gaps, key=gaps.get)
    return best, gaps[best]


def longest_gap(holds):
    longest = run = 0
    for is_held in holds:
        run = 0 if is_held else run + 1
        longest = max(longest, run)
    return longest
