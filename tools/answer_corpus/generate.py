#!/usr/bin/env python3
"""Renders a labelled corpus of the first seconds after an outbound call is answered: manifest.csv and 8 kHz mono WAV.

Nothing recorded is kept in the repository: voices come from espeak-ng, prompts and hold music from Debian's Asterisk
packages, tones and noise are computed. The same seed and packages give the same bytes. One process at a time.

  tools/answer_corpus/generate.py --out FOLDER [--n 200] [--seed 1]
"""
import argparse
import csv
import os
import random
import tempfile

import sounds
from sounds import at_level, at_unit, silence, tone

VOICES = {'ru': ('ru+m1', 'ru+f2', 'ru+m5', 'ru+f4'), 'en': ('en-us+m2', 'en-gb+f3', 'en-us+f1'), 'es': ('es+m3', 'es+f2'),
          'pl': ('pl+m4', 'pl+f1'), 'de': ('de+m6', 'de+f5'), 'uk': ('uk+m1', 'uk+f3')}
WEIGHT = {'ru': 5, 'en': 3}
GREETING = {'ru': ('алло', 'да', 'слушаю', 'да, алло', 'кто это?', 'говорите'), 'en': ('hello', 'yes', 'hello, who is this', 'speaking'),
            'es': ('diga', 'hola', 'bueno'), 'pl': ('halo', 'słucham'), 'de': ('ja bitte', 'hallo', 'schmidt'), 'uk': ('алло', 'слухаю')}
LONG_GREETING = {'ru': ('добрый день, магазин на садовой, елена, слушаю вас', 'алло, я сейчас занят, перезвоните вечером'),
                 'en': ('good morning, north street dental, how can I help', 'hello, hold on, I am driving just now')}
MACHINE = {'ru': ('здравствуйте, вы позвонили в семью ивановых. нас нет дома. оставьте сообщение после сигнала.',
                  'абонент не может ответить на ваш звонок. говорите после сигнала, и сообщение будет передано.'),
           'en': ('hi, this is the miller residence. nobody can take your call right now. please leave a message after the beep.',
                  'the person you are calling is not available. record your message at the tone and hang up when you are done.'),
           'es': ('hola, en este momento no puedo atender su llamada. por favor deje un mensaje después de la señal.',),
           'pl': ('dzień dobry, nie mogę teraz odebrać telefonu. proszę zostawić wiadomość po sygnale.',),
           'de': ('guten tag, wir sind zur zeit nicht erreichbar. bitte hinterlassen sie eine nachricht nach dem signalton.',)}
SHORT_MACHINE = {'ru': ('оставьте сообщение', 'говорите после сигнала'), 'en': ('leave a message', 'speak after the tone')}
ASSISTANT = {'ru': ('здравствуйте, это голосовой помощник. абонент сейчас занят. скажите, кто вы и по какому вопросу звоните.',),
             'en': ('hello, the person you are calling uses a screening service. please say your name and why you are calling.',)}
PERSON_PROMPTS = ('hello', 'digits/', 'goodbye', 'letters/', 'phonetic/', 'auth-thankyou')
MACHINE_PROMPTS = ('vm-intro', 'vm-rec', 'vm-theperson', 'vm-nobodyavail', 'vm-tempgreet', 'vm-review', 'vm-opts', 'vm-leavemsg', 'vm-mailboxfull')
ANNOUNCEMENTS = ('ss-noservice', 'all-circuits', 'cannot-complete', 'check-number', 'im-sorry', 'tt-allbusy', 'invalid', 'vm-isunavail')
# name: frequencies, seconds on, seconds off
CADENCES = {'tone_ringback': (((425,), 1, 4), ((440, 480), 2, 4), ((400, 450), 0.4, 0.2)),
            'tone_busy': (((425,), 0.35, 0.35), ((480, 620), 0.5, 0.5), ((400,), 0.375, 0.375))}
MIX = (('human', .16), ('human_real', .10), ('human_long', .06), ('human_room', .08), ('human_slow', .03), ('human_click', .02),
       ('machine_real', .17), ('machine_tts', .11), ('machine_short', .04), ('machine_assistant', .04), ('machine_announce', .05),
       ('fax_ced', .05), ('fax_cng', .02), ('tone_ringback', .02), ('tone_busy', .015), ('tone_sit', .015), ('music', .02), ('silence', .02))
COLUMNS = ('name', 'cls', 'kind', 'source', 'onset', 'end', 'beep', 'snr', 'codec', 'loss')
LONGEST = 14 * sounds.RATE


class Corpus:
    def __init__(self, scratch):
        self.scratch = scratch
        self.voices = sounds.Voices(scratch)
        self.prompts = sounds.Prompts()

    def say(self, rng, texts):
        language = rng.choices(list(texts), [WEIGHT.get(name, 1) for name in texts])[0]
        voice = rng.choice(VOICES[language])
        return self.voices.say(voice, rng.choice(texts[language]), rng.choice((150, 165, 180, 200))), voice

    def human(self, kind, rng, row):
        delay = rng.uniform(1.8, 3.2) if kind == 'human_slow' else rng.uniform(0.05, 1.2)
        if kind == 'human_real':
            voice, row['source'] = self.prompts.pick(rng, PERSON_PROMPTS, 0.25, 1.2)
        else:
            voice, row['source'] = self.say(rng, LONG_GREETING if kind == 'human_long' else GREETING)
        voice = at_level(voice, rng.uniform(-26, -14))
        row['onset'], row['end'] = round(delay * 1000), round((delay + len(voice) / sounds.RATE) * 1000)
        again = silence(rng.uniform(1.6, 2.8)) + voice if rng.random() < 0.4 else []
        sound = silence(delay) + voice + again + silence(rng.uniform(2, 3))
        if kind == 'human_click':
            at = int(delay * sounds.RATE / 2)
            sound[at:at + 40] = [rng.uniform(0.05, 0.3)] * 40
        return sound

    def greeting_of_machine(self, kind, rng, row):
        if kind == 'machine_real':
            parts = []
            while len(parts) < 3 * sounds.RATE:
                prompt, row['source'] = self.prompts.pick(rng, MACHINE_PROMPTS, 0.7, 12)
                parts += prompt + silence(rng.uniform(0.1, 0.45))
            return parts
        if kind == 'machine_announce':
            prompt, row['source'] = self.prompts.pick(rng, ANNOUNCEMENTS, 0.8, 10)
            return prompt + silence(0.4) + prompt
        texts = {'machine_short': SHORT_MACHINE, 'machine_assistant': ASSISTANT, 'machine_tts': MACHINE}[kind]
        greeting, row['source'] = self.say(rng, texts)
        return greeting

    def machine(self, kind, rng, row):
        delay = rng.uniform(0.1, 1.6)
        greeting = at_level(self.greeting_of_machine(kind, rng, row), rng.uniform(-26, -14))
        row['onset'], row['end'] = round(delay * 1000), round((delay + len(greeting) / sounds.RATE) * 1000)
        sound = silence(delay) + greeting
        is_beeping = kind == 'machine_short' or (kind in ('machine_real', 'machine_tts') and rng.random() < 0.75)
        if is_beeping:
            gap = rng.uniform(0.15, 1.0)
            hz = rng.choice((425, 440, 620, 853, 1000, 1130, 1400, 1700)) * rng.uniform(0.97, 1.03)
            row['beep'] = row['end'] + round(gap * 1000)
            sound = sound + silence(gap) + tone((hz,), rng.uniform(0.15, 1.0), 10 ** (rng.uniform(-18, -6) / 20))
        return sound + silence(2)

    def signal(self, kind, rng, row):
        amplitude = 10 ** (rng.uniform(-20, -9) / 20)
        sound = silence(rng.uniform(0.1, 1.2))
        row['onset'] = round(len(sound) / 8)
        if kind == 'fax_ced':
            return sound + sounds.called_fax(rng.uniform(2.6, 4), amplitude, rng.random() < 0.5) + silence(1)
        if kind == 'fax_cng':
            return sound + 2 * (tone((1100 + rng.uniform(-35, 35),), 0.5, amplitude) + silence(3))
        if kind == 'tone_sit':
            segments = [sample for hz in (950, 1400, 1800) for sample in tone((hz,), 0.33, amplitude)]
            prompt, row['source'] = self.prompts.pick(rng, ANNOUNCEMENTS, 0.8, 8)
            return sound + segments + silence(0.3) + at_level(prompt, -20) + silence(1)
        frequencies, on, off = rng.choice(CADENCES[kind])
        return sound + (tone(frequencies, on, amplitude) + silence(off)) * max(2, round(7 / (on + off)))

    def scene(self, kind, rng, row):
        row['cls'] = kind.split('_')[0].upper()
        if row['cls'] == 'HUMAN':
            return self.human(kind, rng, row)
        if row['cls'] == 'MACHINE':
            return self.machine(kind, rng, row)
        if kind == 'music':
            track = rng.choice(self.prompts.music)
            row['source'], music = os.path.basename(track), sounds.read_wave(track)
            start = rng.randrange(len(music) - 9 * sounds.RATE)
            return silence(rng.uniform(0, 0.5)) + at_level(music[start:start + 8 * sounds.RATE], rng.uniform(-26, -16))
        return silence(8) if kind == 'silence' else self.signal(kind, rng, row)

    def room(self, count, rng):
        """Hold music or four people talking at once."""
        if rng.random() < 0.5:
            track = sounds.read_wave(rng.choice(self.prompts.music))
            start = rng.randrange(len(track) - count)
            return at_unit(track[start:start + count])
        talk = [0.0] * count
        for _ in range(4):
            prompt = at_unit(self.prompts.pick(rng, (), 1.5, 12)[0])
            start = rng.randrange(len(prompt))
            talk = [sample + prompt[(start + i) % len(prompt)] for i, sample in enumerate(talk)]
        return at_unit(talk)

    def render(self, kind, rng, row):
        sound = self.scene(kind, rng, row)[:LONGEST]
        power = [sample * sample for sample in sound if abs(sample) > 0.001]
        level = (sum(power) / len(power)) ** 0.5 if power else 0.08
        row['snr'] = round(rng.uniform(4, 14) if kind == 'human_room' else rng.uniform(18, 45), 1)
        is_talking = kind == 'human_room' and rng.random() < 0.6
        ground = self.room(len(sound), rng) if is_talking else sounds.noise(rng.choice(('white', 'pink', 'street')), len(sound), rng)
        gain = level * 10 ** (-row['snr'] / 20)
        row['codec'] = rng.choices(('alaw', 'ulaw', 'gsm'), (0.4, 0.2, 0.4))[0]
        row['loss'] = rng.choices((0, 0.005, 0.02), (0.6, 0.25, 0.15))[0]
        sound = [sample + gain * other for sample, other in zip(sound, ground)]
        return sounds.lose_packets(sounds.through_channel(sound, row['codec'], self.scratch), row['loss'], rng)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', required=True)
    parser.add_argument('--n', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    kinds = [kind for kind, share in MIX for _ in range(max(1, round(share * options.n)))]
    with tempfile.TemporaryDirectory() as scratch, open(os.path.join(options.out, 'manifest.csv'), 'w', newline='') as stream:
        corpus = Corpus(scratch)
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for number, kind in enumerate(kinds):
            rng = random.Random('%d-%d' % (options.seed, number))
            row = dict(name='%s-%04d' % (kind, number), kind=kind, cls='', source='', onset=-1, end=-1, beep=-1)
            sounds.write_wave(os.path.join(options.out, row['name'] + '.wav'), corpus.render(kind, rng, row))
            writer.writerow(row)
    print('%d files in %s' % (len(kinds), options.out))


if __name__ == '__main__':
    main()
