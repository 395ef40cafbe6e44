"""Sound for the corpus: voices, recorded prompts, tones, noise and the telephone channel, with Python's standard
library, espeak-ng and sox. Audio is a list of floats at 8 kHz, full scale 1.0."""
import array
import hashlib
import math
import os
import subprocess
import sys
import wave

RATE = 8000
FRAME = 160
PACKAGES = ['asterisk-core-sounds-%s-wav' % language for language in ('en', 'ru', 'es', 'it')] + [
    'asterisk-prompt-it-menardi-wav', 'asterisk-moh-opsound-wav']


def read_wave(path):
    with wave.open(path) as stream:
        samples = array.array('h', stream.readframes(stream.getnframes()))
        return [sample / 32768 for sample in samples[::stream.getnchannels()]]


def write_wave(path, sound):
    samples = array.array('h', (max(-32768, min(32767, round(sample * 32767))) for sample in sound))
    with wave.open(path, 'wb') as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(RATE)
        stream.writeframes(samples.tobytes())


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def trim(sound, keep=160):
    """Cuts what is 40 dB below the peak from both ends."""
    border = 0.01 * max(map(abs, sound), default=0) + 0.0001
    loud = [i for i, sample in enumerate(sound) if abs(sample) > border]
    return sound[max(0, loud[0] - keep):loud[-1] + keep] if loud else sound


def at_level(sound, dbov):
    border = 0.02 * max(map(abs, sound), default=0)
    power = [sample * sample for sample in sound if abs(sample) > border]
    gain = 10 ** (dbov / 20) / max(math.sqrt(sum(power) / max(len(power), 1)), 1e-9)
    return [sample * gain for sample in sound]


def silence(seconds):
    return [0.0] * round(seconds * RATE)


def tone(frequencies, seconds, amplitude):
    count = round(seconds * RATE)
    steps = [2 * math.pi * hz / RATE for hz in frequencies]
    ramp = 40
    return [amplitude / len(steps) * min(1, (i + 1) / ramp, (count - i) / ramp) * sum(math.sin(step * i) for step in steps)
            for i in range(count)]


def called_fax(seconds, amplitude, has_reversals):
    """CED, or ANSam-like: 15 Hz modulation and a phase reversal each 450 ms."""
    sound = []
    for i in range(round(seconds * RATE)):
        swing = 1 + 0.2 * math.sin(2 * math.pi * 15 * i / RATE) if has_reversals else 1
        sign = -1 if has_reversals and i // 3600 % 2 else 1
        sound.append(amplitude * swing * sign * math.sin(2 * math.pi * 2100 * i / RATE))
    return sound


def noise(kind, count, rng):
    """White, or coloured by one pole for a street's rumble."""
    sound, state = [], 0.0
    keep = {'white': 0.0, 'pink': 0.7, 'street': 0.93}[kind]
    for i in range(count):
        state = keep * state + rng.gauss(0, 1)
        swell = 1 + 0.6 * math.sin(2 * math.pi * 0.37 * i / RATE) if kind == 'street' else 1
        sound.append(state * swell)
    return at_unit(sound)


def at_unit(sound):
    power = math.sqrt(sum(sample * sample for sample in sound) / max(len(sound), 1))
    return [sample / max(power, 1e-9) for sample in sound]


class Voices:
    """Renders texts once each; `folder` is scratch."""

    def __init__(self, folder):
        self.folder = folder
        self.known = {}

    def say(self, voice, text, words_a_minute):
        key = (voice, text, words_a_minute)
        if key not in self.known:
            name = os.path.join(self.folder, hashlib.sha1(repr(key).encode()).hexdigest())
            run('espeak-ng', '-v', voice, '-s', str(words_a_minute), '-w', name + '.wav', text)
            run('sox', '-D', name + '.wav', '-r', str(RATE), '-c', '1', '-b', '16', name + '.8k.wav')
            self.known[key] = trim(read_wave(name + '.8k.wav'))
        return self.known[key]


class Prompts:
    """Recorded voices and hold music of Debian's Asterisk packages."""

    def __init__(self):
        self.spoken, self.music = [], []
        for package in PACKAGES:
            listing = subprocess.run(['dpkg', '-L', package], capture_output=True, text=True)
            if listing.returncode:
                sys.exit('missing Debian package: ' + package)
            for path in sorted(set(listing.stdout.split('\n'))):
                if path.endswith('.wav') and '/moh/' in path:
                    self.music.append(path)
                elif path.endswith('.wav') and '/silence/' not in path and 'beep' not in path:
                    self.spoken.append(path)

    def pick(self, rng, names, shortest, longest):
        """A prompt whose file name starts as one of `names` (all when empty) and whose seconds fit."""
        fitting = [path for path in self.spoken if not names or any('/' + name in path for name in names)]
        while True:
            path = rng.choice(fitting)
            sound = trim(read_wave(path))
            if shortest <= len(sound) / RATE <= longest:
                return sound, os.path.basename(path)


def through_channel(sound, codec, scratch):
    """Telephone band and codec: alaw, ulaw or gsm."""
    plain, coded, back = (os.path.join(scratch, 'channel' + end) for end in ('.wav', '.raw', '.back.wav'))
    kind = {'alaw': 'al', 'ulaw': 'ul', 'gsm': 'gsm'}[codec]
    write_wave(plain, sound)
    run('sox', '-D', plain, '-t', kind, coded, 'sinc', '300-3400')
    run('sox', '-D', '-t', kind, '-r', str(RATE), '-c', '1', coded, '-b', '16', back)
    return (read_wave(back) + [0.0] * len(sound))[:len(sound)]


def lose_packets(sound, share, rng):
    for start in range(0, len(sound) - FRAME + 1, FRAME):
        if rng.random() < share:
            sound[start:start + FRAME] = [0.0] * FRAME
    return sound
