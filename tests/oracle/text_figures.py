#!/usr/bin/env python3
"""text_figures.py TTRANS MODEL DEV WORDS [BEAM,...] [SOURCE TARGET]: how text fares as people have it.

Of the development sets DEV/{tatoeba-dev,newstest2012,flores-dev}.{en,es}, by a fixed seed, and of WORDS, sentences in the
source language one a line, of which the 1,500 commonest words are translated alone. Printed for each beam:

    joined      BLEU of lines of 2, 3 and 6 sentences beside that of the same sentences one a line; lines with as many
                sentence marks as their source
    capitals    BLEU, case ignored, of 400 lines in capitals beside that of the lines as they are
    strange     1,000 lines with emoji, signs of currency, names of other languages and Chinese: those with all of these
                characters, and those with U+FFFD
    lists       numbers, URLs and placeholders that come out unchanged, of 500 each
    words       of the 1,500 commonest words alone: empty translations

SOURCE and TARGET take the place of the suffixes en and es. Without references in the target language (TARGET "-"), the
program's translations one a line with a beam of 4 stand for them.
"""
import collections
import random
import re
import subprocess
import sys

TTRANS, MODEL, DEV, WORDS = sys.argv[1:5]
BEAMS = (sys.argv[5] if len(sys.argv) > 5 else "1,4").split(",")
SOURCE, TARGET = sys.argv[6:8] if len(sys.argv) > 7 else ("en", "es")
STRANGE = ("😀", "👍🏽", "❤️", "👨‍👩‍👧", "🇪🇸", "🎉", "€", "₹500", "£20", "Łódź", "Tomáš", "Dvořák", "Erdoğan", "Şişli", "Nguyễn",
           "Trần", "Hồ Chí Minh", "Wałęsa", "日本", "北京", "서울")
NUMBERS = ("1,299.99", "10:30", "2026-11-30", "1984", "3.14", "5/6/2020", "250", "18,500", "1.299,5", "0.05", "12.5", "007")
URLS = ("https://example.com/a?b=c&d=%d", "www.example.org/x_%d", "ann.lee%d@example.com", "/usr/share/doc/x%d.txt",
        "http://127.0.0.1:80%d/", "ftp://host%d/pub/", "C:\\Users\\x%d\\a.txt")
PLACES = ("%s", "%d", "{0}", "{name}", "%(count)d", "${user}", "{{x}}", "<br/>", "$HOME", "%1$s", "%5.2f", "`ls -la`")
FRAMES = ("Please look at %s before you leave.", "I saw %s yesterday.", "She sent me %s, and I was happy.", "The value is %s.",
          "Do you know %s?", "You have %s new messages.", "It was changed from %s by my brother.", "%s is not what we want.")


def lines(name, side):
    with open(f"{DEV}/{name}.{side}", encoding="utf-8") as f:
        return f.read().split("\n")[:-1]


def translate(text, beam):
    run = subprocess.run([TTRANS, "translate", "-q", "-m", MODEL, "-b", beam], input="".join(s + "\n" for s in text).encode(),
                         stdout=subprocess.PIPE, check=True)
    out = run.stdout.decode().split("\n")[:-1]
    assert len(out) == len(text)
    return out


def bleu(hyps, refs, *options):
    with open("/tmp/text_figures.ref", "w", encoding="utf-8") as f:
        f.write("".join(r + "\n" for r in refs))
    out = subprocess.run([TTRANS, "eval", "-b", "-w", "2", *options, "/tmp/text_figures.ref"],
                         input="".join(h + "\n" for h in hyps).encode(), stdout=subprocess.PIPE, check=True)
    return float(out.stdout)


def references(name, source):
    return translate(source, "4") if TARGET == "-" else lines(name, TARGET)


def marks(text):
    return len(re.findall(r"[.!?…]+(?=\s|$|[\"”»')])", text))


def joined(beam, one, source, refs):
    for k in (2, 3, 6):
        n = len(source) // k * k
        together = lambda x: [" ".join(x[i:i + k]) for i in range(0, n, k)]
        lines_in = together(source)
        got = translate(lines_in, beam)
        same = sum(marks(a) == marks(b) for a, b in zip(lines_in, got))
        print(f"  joined {k}: BLEU {bleu(got, together(refs)):.2f}, one a line {bleu(together(one), together(refs)):.2f}, "
              f"same marks {100 * same / len(got):.1f} %", flush=True)


def kept(beam, what, signs, texts, rare):
    got = translate(texts, beam)
    stays = (lambda s, g: s in g) if rare else (lambda s, g: all(c in g for c in s if ord(c) > 127))
    good = sum(stays(s, g) for s, g in zip(signs, got))
    print(f"  {what}: kept {100 * good / len(got):.1f} %, lines with U+FFFD {sum(chr(0xfffd) in g for g in got)}", flush=True)
    lost = collections.Counter(re.sub(r"\d+", "1", s) if rare else s for s, g in zip(signs, got) if not stays(s, g))
    if lost:
        print("    lost:", ", ".join(f"{s} {n}" for s, n in lost.most_common(8)))


def main():
    rng = random.Random(14)
    tatoeba, news, flores = (lines(name, SOURCE) for name in ("tatoeba-dev", "newstest2012", "flores-dev"))
    refs = references("tatoeba-dev", tatoeba)
    news_refs = references("newstest2012", news)
    some = list(range(0, 1000, 5))
    plain, plain_refs = [x[i] for x in (tatoeba, news) for i in some], [x[i] for x in (refs, news_refs) for i in some]
    signs = [STRANGE[i % len(STRANGE)] for i in range(1000)]
    strange = []
    for s, text in zip(signs, tatoeba):
        words = text.split(" ")
        at = rng.randrange(len(words) + 1)
        strange.append(" ".join(words[:at] + [s] + words[at:]))
    with open(WORDS, encoding="utf-8") as f:
        count = collections.Counter(w for x in f for w in x.split("\t")[0].split())
    words = [w for w, _ in count.most_common(1500)]
    for beam in BEAMS:
        one, whole = translate(tatoeba, beam), translate(news, beam)
        print(f"beam {beam}: tatoeba-dev {bleu(one, refs):.2f}, newstest2012 {bleu(whole, news_refs):.2f}", end="")
        print(f", lines of newstest2012 with U+FFFD {sum(chr(0xfffd) in x for x in whole)}", flush=True)
        got = translate(flores, beam)
        if TARGET != "-":
            print(f"  flores-dev {bleu(got, lines('flores-dev', TARGET)):.2f}", end="")
        print(f"  lines of flores-dev with U+FFFD {sum(chr(0xfffd) in x for x in got)}")
        joined(beam, one, tatoeba, refs)
        print(f"  capitals {bleu(translate([s.upper() for s in plain], beam), plain_refs, '-lc'):.2f}, "
              f"plain {bleu(translate(plain, beam), plain_refs, '-lc'):.2f}", flush=True)
        kept(beam, "strange", signs, strange, 0)
        for what, forms in (("numbers", NUMBERS), ("URLs", URLS), ("placeholders", PLACES)):
            each = [forms[i % len(forms)] for i in range(500)]
            each = [x.replace("%d", str(i)) if what == "URLs" else x for i, x in enumerate(each)]
            kept(beam, what, each, [FRAMES[i // 13 % len(FRAMES)].replace("%s", x) for i, x in enumerate(each)], 1)
        print(f"  words: {sum(not x.strip() for x in translate(words, beam))} of {len(words)} empty", flush=True)


main()
