#!/usr/bin/env python3
"""Writes lib/score/unicode.inc: what Python and its module regex know of characters.

    python3 tests/oracle/unicode_tables.py > lib/score/unicode.inc

Categories come from regex, as sacreBLEU's intl tokeniser takes them from there; lower case and what
the rule of the final sigma looks at come from str.lower(). Surrogates are left out: UTF-8 has none.
"""

import sys
import unicodedata

import regex

CHARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
VERSIONS = (("17.0", 0x20C1), ("16.0", 0x1C89), ("15.1", 0x2FFC), ("15.0", 0x1FAE8), ("14.0", 0x1FAF0))
GROUPS = [(k, regex.compile(r"\p{%s}" % k)) for k in "NPS"]


def regex_version():
    """The newest version of Unicode of which regex knows a character."""
    return next(v for v, c in VERSIONS if not regex.match(r"\p{Cn}", chr(c)))


def category(char):
    return next((k for k, r in GROUPS if r.match(char)), None)


def casing(char):
    """C: has case; I: the rule of the final sigma skips it."""
    if (char + "Σ").lower()[-1] == "ς":
        return "C"
    return "I" if ("A" + char + "Σ").lower()[-1] == "ς" else None


def ranges(kind_of):
    found = []
    for char in CHARS:
        kind = kind_of(char)
        if found and found[-1][2] == kind and found[-1][1] == ord(char) - 1:
            found[-1][1] = ord(char)
        else:
            found.append([ord(char), ord(char), kind])
    return [r for r in found if r[2]]


def lower_runs():
    """[first, last, step, what to add]: every step-th character from first to last."""
    runs = []
    for char in CHARS:
        low = char.lower()
        if low == char or len(low) > 1:
            continue
        c, add = ord(char), ord(low) - ord(char)
        if runs and runs[-1][3] == add:
            first, last, step, _ = runs[-1]
            if c - last == step or (first == last and c - last <= 2):
                runs[-1][1:3] = [c, c - last]
                continue
        runs.append([c, c, 1, add])
    return runs


def write(name, comment, rows):
    print(f"\n/* {comment} */\nstatic const {name}[] = {{")
    line = "   "
    for row in rows:
        cell = " {" + ", ".join(row) + "},"
        if len(line + cell) > 100:
            print(line)
            line = "   "
        line += cell
    print(line + "\n};")


def main():
    special = [char for char in CHARS if len(char.lower()) > 1]
    assert special == ["\u0130"] and "\u0130".lower() == "i\u0307"
    print("/* unicode.inc: tables of tests/oracle/unicode_tables.py, sorted by character; see unicode.c.\n"
          f" * Categories: Unicode {regex_version()}. Letters' case: Unicode "
          f"{unicodedata.unidata_version}. */")
    for name, comment, rows in (
            ("range categories", "Numbers, punctuation and symbols.", ranges(category)),
            ("range casings", "Characters with case, and those that the final sigma does not see.",
             ranges(casing))):
        write(name, comment, [(f"{a:#x}", f"{b:#x}", f"'{k}'") for a, b, k in rows])
    write("lower_run lower_runs", "Capital letters: first, last, step, distance to the small one.",
          [(f"{a:#x}", f"{b:#x}", str(s), str(d)) for a, b, s, d in lower_runs()])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
