"""augment.py [--spanish] PAIRS.tsv ... > NOISY.tsv: copies of pairs as people type them.

Of each kind a share of the pairs is copied, by a generator with a fixed seed:

    mark          the end mark is left out on both sides
    typo          one or two slips of a finger in the source (letters swapped, lost, doubled, or a neighbour's key)
    small         the source in small letters; the target as before
    item          a list's mark in front of both sides
    placeholder   a number or name that both sides have once becomes a reserved piece on both
    accents       (--spanish: the source is Spanish) accents and opening marks are left out, as in haste
"""
import random
import re
import sys
import unicodedata

KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
SHARES = {"mark": 0.30, "typo": 0.32, "small": 0.08, "item": 0.02, "placeholder": 0.06, "accents": 0.12}
NAME = re.compile(r"(?<![\w⟦])(?:[A-Z][a-z]{2,}|\d[\d.,:]*\d|\d+)(?![\w⟧])")


def neighbour(rng, c):
    for row in KEYS:
        i = row.find(c.lower())
        if i >= 0:
            o = row[max(0, min(len(row) - 1, i + rng.choice((-1, 1))))]
            return o.upper() if c.isupper() else o
    return c


def slip(rng, s):
    inside = [i for i in range(1, len(s) - 1) if s[i - 1].isalpha() and s[i].isalpha() and s[i + 1].isalpha()]
    if not inside:
        return s
    i = rng.choice(inside)
    kind = rng.random()
    if kind < 0.45:
        return s[:i] + s[i + 1] + s[i] + s[i + 2 :]
    if kind < 0.65:
        return s[:i] + s[i + 1 :]
    if kind < 0.80:
        return s[:i] + s[i] + s[i:]
    return s[:i] + neighbour(rng, s[i]) + s[i + 1 :]


def placeholders(rng, a, b):
    """Up to three things that stand once on both sides, in order of the source, as reserved pieces."""
    found = [m.group() for m in NAME.finditer(a)]
    found = [w for w in found if len(re.findall(rf"(?<!\w){re.escape(w)}(?!\w)", a)) == 1
             and len(re.findall(rf"(?<!\w){re.escape(w)}(?!\w)", b)) == 1]
    first = a.split()[0] if a.split() else ""
    found = [w for w in found if w != first.strip(".,")][:3]
    at = rng.randrange(8)
    for k, w in enumerate(found):
        piece = f"⟦{(at + k) % 10}⟧"
        a, b = (re.sub(rf"(?<!\w){re.escape(w)}(?!\w)", piece, s) for s in (a, b))
    return (a, b) if found else None


def plain(s):
    s = unicodedata.normalize("NFD", s.replace("ñ", "\0").replace("Ñ", "\1"))
    s = "".join(c for c in s if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", s).replace("\0", "ñ").replace("\1", "Ñ").lstrip("¿¡")


def copies(rng, a, b, spanish):
    ended = a[-1:] in ".!?" and b[-1:] in ".!?"
    for kind, share in SHARES.items():
        if rng.random() >= share or (kind == "accents" and not spanish):
            continue
        if kind == "mark" and ended:
            c = plain(a[:-1]) if spanish and rng.random() < 0.3 else a[:-1]
            yield c.rstrip(".!?"), b[:-1].rstrip(".!?")
        elif kind == "typo" and len(a) > 8:
            c = slip(rng, a)
            yield (slip(rng, c) if len(a) > 60 and rng.random() < 0.5 else c), b
        elif kind == "small" and not a.islower():
            yield a.lower(), b
        elif kind == "item":
            mark = rng.choice(("- ", "* ", "• ", f"{rng.randrange(1, 20)}. ", f"{rng.choice('abcd')}) "))
            yield mark + a, mark + b
        elif kind == "placeholder":
            both = placeholders(rng, a, b)
            if both:
                yield both
        elif kind == "accents":
            c = plain(a)
            if c != a:
                yield c, b


def main(args):
    spanish = "--spanish" in args
    rng = random.Random(11)
    for path in args:
        if path == "--spanish":
            continue
        with open(path, encoding="utf-8") as f:
            for line in f:
                sides = line.rstrip("\n").split("\t")
                if len(sides) >= 2 and sides[0] and sides[1]:
                    for pair in copies(rng, sides[0], sides[1], spanish):
                        print("\t".join(pair))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
