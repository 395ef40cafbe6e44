#!/usr/bin/env python3
"""The classic rule, for comparison: words counted on an energy threshold, with the documented parameters and defaults
of Asterisk's AMD application. Reads *.wav (8 kHz mono) of a folder and prints name,decision,t_ms.

  tools/answer_corpus/baseline.py FOLDER > decisions.csv
"""
import array
import os
import sys
import wave

FRAME_MS = 20
THRESHOLD = 256          # mean absolute sample of a loud frame
INITIAL_SILENCE = 2500   # longer before the first word: machine
GREETING = 1500          # more voice than this: machine
AFTER_GREETING = 800     # silence after a word: human
TOTAL = 5000             # undecided
MIN_WORD, BETWEEN_WORDS, MAX_WORDS, MAX_WORD = 100, 50, 2, 5000


def levels(path):
    with wave.open(path) as stream:
        samples = array.array('h', stream.readframes(stream.getnframes()))
    return [sum(map(abs, samples[at:at + 160])) / 160 for at in range(0, len(samples) - 159, 160)]


def decide(frames):
    voice_run = voice = silence_run = words = 0
    is_in_word = False
    for number, level in enumerate(frames, 1):
        now = number * FRAME_MS
        if level >= THRESHOLD:
            voice_run += FRAME_MS
            voice += FRAME_MS
            if voice_run >= MIN_WORD and not is_in_word:
                is_in_word, words = True, words + 1
            if voice >= MIN_WORD:
                silence_run = 0
            if voice_run >= MAX_WORD or words > MAX_WORDS or voice >= GREETING:
                return 'MACHINE', now
        else:
            silence_run += FRAME_MS
            if silence_run >= BETWEEN_WORDS:
                is_in_word, voice_run = False, 0
            if voice < MIN_WORD and silence_run >= INITIAL_SILENCE:
                return 'MACHINE', now
            if voice >= MIN_WORD and silence_run >= AFTER_GREETING:
                return 'HUMAN', now
        if now >= TOTAL:
            break
    return 'NOTSURE', min(TOTAL, len(frames) * FRAME_MS)


def main():
    print('name,decision,t_ms')
    for file in sorted(os.listdir(sys.argv[1])):
        if file.endswith('.wav'):
            print('%s,%s,%d' % ((file[:-4],) + decide(levels(os.path.join(sys.argv[1], file)))))


if __name__ == '__main__':
    main()
