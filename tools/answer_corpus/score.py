#!/usr/bin/env python3
"""Scores decisions against a corpus: confusion matrix, the figures that matter, and what each kind of scene became.

  tools/answer_corpus/score.py FOLDER DECISIONS.csv [--gate]

DECISIONS.csv is name,decision,t_ms[,second_decision,second_t_ms]. NOTSURE goes to an agent. With --gate the exit code
is 1 when live people thrown away > 2 %, machines handed to an agent > 15 %, or fax found < 98 %.
"""
import argparse
import csv
import os
import sys
from collections import Counter, defaultdict

CLASSES = ('HUMAN', 'MACHINE', 'FAX', 'TONE', 'MUSIC', 'SILENCE')
WORDS = CLASSES + ('NOTSURE',)
TO_AGENT = ('HUMAN', 'NOTSURE')


def read(path):
    with open(path, newline='') as stream:
        return {row['name']: row for row in csv.DictReader(stream)}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def share(part, whole):
    return 100 * part / max(whole, 1)


def print_matrix(truth, decisions):
    counts, kinds = Counter(), defaultdict(Counter)
    for name, row in truth.items():
        counts[row['cls'], decisions[name]['decision']] += 1
        kinds[row.get('kind') or row['sub']][decisions[name]['decision']] += 1
    print('%-10s' % 'truth' + ''.join('%9s' % word for word in WORDS))
    for name in CLASSES:
        print('%-10s' % name + ''.join('%9d' % counts[name, word] for word in WORDS))
    print()
    for kind in sorted(kinds):
        print('  %-18s %s' % (kind, ', '.join('%s %d' % pair for pair in kinds[kind].most_common())))
    print()


def figures(truth, decisions):
    """name -> (percent, count, of)"""
    of_class = {name: [key for key, row in truth.items() if row['cls'] == name] for name in CLASSES}
    first = {key: row['decision'] for key, row in decisions.items()}
    second = {key: row.get('second_decision') or '' for key, row in decisions.items()}
    lost = [key for key in of_class['HUMAN'] if first[key] not in TO_AGENT]
    revoked = [key for key in of_class['HUMAN'] if first[key] in TO_AGENT and second[key]]
    handed = [key for key in of_class['MACHINE'] if first[key] in TO_AGENT]
    kept = [key for key in handed if second[key] != 'MACHINE']
    fax = [key for key in of_class['FAX'] if first[key] == 'FAX']
    rows = (('live people thrown away', lost, 'HUMAN'), ('live people revoked by the second look', revoked, 'HUMAN'),
            ('machines handed to an agent', handed, 'MACHINE'), ('machines still with an agent after the second look', kept, 'MACHINE'),
            ('fax found', fax, 'FAX'))
    return {name: (share(len(part), len(of_class[whole])), len(part), len(of_class[whole])) for name, part, whole in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder')
    parser.add_argument('decisions')
    parser.add_argument('--gate', action='store_true')
    options = parser.parse_args()
    truth, decisions = read(os.path.join(options.folder, 'manifest.csv')), read(options.decisions)
    missing = sorted(set(truth) - set(decisions))
    if missing:
        sys.exit('no decision for %d files, for example %s' % (len(missing), missing[0]))
    print_matrix(truth, decisions)
    found = figures(truth, decisions)
    for name, (percent, part, whole) in found.items():
        print('%-52s %5.1f %%  (%d of %d)' % (name, percent, part, whole))
    late = [int(decisions[key]['t_ms']) - int(row['end']) for key, row in truth.items()
            if row['cls'] == 'HUMAN' and decisions[key]['decision'] == 'HUMAN']
    print('%-52s p50 %d ms, p95 %d ms' % ('human decided after the end of the first utterance', percentile(late, .5), percentile(late, .95)))
    is_good = found['live people thrown away'][0] <= 2 and found['machines handed to an agent'][0] <= 15 and found['fax found'][0] >= 98
    if options.gate and not is_good:
        sys.exit('outside the gate: people thrown away <= 2 %, machines to an agent <= 15 %, fax >= 98 %')


if __name__ == '__main__':
    main()
