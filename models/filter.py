"""filter.py SOURCE TARGET: the pairs of machine-made text that look whole, as SOURCE TAB TARGET.

Left out: one side empty or of another length, other numbers, copies, words three times in a row, another end mark.
One pair in twenty loses its full stop on both sides.
"""
import random
import re
import sys


def numbers(text):
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d)", "", text)))


def is_whole(source, target):
    if not source or not target or "\t" in source + target or "\ufffd" in target or "<" in target:
        return False
    if not 0.6 * len(source) - 8 <= len(target) <= 1.7 * len(source) + 15:
        return False
    if source.lower() == target.lower() or numbers(source) != numbers(target):
        return False
    if source[-1] in ".!?" and target[-1] != source[-1]:
        return False
    words = target.lower().split()
    if any(a == b == c for a, b, c in zip(words, words[1:], words[2:])):
        return False
    known = set(re.findall("[a-z]{4,}", source))
    said = re.findall("[a-z]{4,}", target)
    return len(said) <= 3 or sum(w in known for w in said) <= len(said) / 2


def main(source_path, target_path):
    chance = random.Random(7)
    with open(source_path, encoding="utf-8") as sources, open(target_path, encoding="utf-8") as targets:
        for source, target in zip(sources, targets):
            source, target = source.strip(), target.strip()
            if not is_whole(source, target):
                continue
            if chance.random() < 0.05 and source.endswith(".") and target.endswith("."):
                source, target = source[:-1], target[:-1]
            print(source, target, sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
