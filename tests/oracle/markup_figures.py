#!/usr/bin/env python3
"""markup_figures.py TTRANS DEV [LINES]: how documents fare that are made of the development sets.

Tags are put around words and phrases of the lines of DEV/{tatoeba-dev,newstest2012,flores-dev}.en, by a fixed seed: 300 HTML
and 300 Markdown paragraphs, 100 subtitle files of 3 sentences over 5 or 6 cues. Each is translated as a document and, its lines
without tags, as text. The Python needs the package commonmark. Printed for each format: fragments that are well formed, fragments whose tags are the source's as a multiset,
BLEU of the text without tags beside that of the plain text. LINES: print so many pairs, to judge where tags stand.
"""
import collections
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import commonmark

TTRANS, DEV = sys.argv[1], sys.argv[2]
SHOW = int(sys.argv[3]) if len(sys.argv) > 3 else 0
SETS = ("tatoeba-dev", "newstest2012", "flores-dev")


def lines(name, side):
    with open(f"{DEV}/{name}.{side}", encoding="utf-8") as f:
        return f.read().split("\n")[:-1]


def sample(rng, n):
    """n pairs, as many of each set, without what would itself be markup."""
    out = []
    for name in SETS:
        pairs = [(s, t) for s, t in zip(lines(name, "en"), lines(name, "es")) if 4 <= len(s.split()) <= 60 and not re.search(r"[<>&*_`\[\]|~\\#]|^\W|^\d+[.)]|--|  ", s)]
        out += rng.sample(pairs, n // 3 + (n % 3 > len(out) // (n // 3)))
    return out[:n]


def translate(text, *options):
    return subprocess.run([TTRANS, "translate", "-q", *options], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()


def bleu(hyps, refs):
    with open("/tmp/markup_figures.ref", "w", encoding="utf-8") as f:
        f.write("".join(r + "\n" for r in refs))
    out = subprocess.run([TTRANS, "eval", "-b", "-w", "2", "/tmp/markup_figures.ref"], input="".join(h + "\n" for h in hyps).encode(), stdout=subprocess.PIPE, check=True)
    return float(out.stdout)


def spans(rng, n):
    """Ranges of words, nested or apart: (first, last) of 1 to 4 elements."""
    got = []
    for _ in range(rng.randint(1, 4)):
        a = rng.randrange(n)
        b = min(n - 1, a + rng.choice((0, 0, 1, 1, 2, 4)))
        if all(b < c or d < a or (a <= c and d <= b) or (c <= a and b <= d) for c, d in got) and (a, b) not in got:
            got.append((a, b))
    return sorted(got, key=lambda r: (r[0], -r[1]))


def wrap(rng, text, kinds, alone):
    """The text with elements around words (marks at their ends outside), and tags alone between words."""
    words = text.split(" ")
    before, behind = [""] * len(words), [""] * len(words)
    for a, b in spans(rng, len(words)):
        opening, closing = rng.choice(kinds)(rng)
        before[a] += opening
        behind[b] = closing + behind[b]
    out = []
    for i, w in enumerate(words):
        m = re.fullmatch(r"(\W*)(.*?)(\W*)", w)
        if m.group(2):
            w = m.group(1) + before[i] + m.group(2) + behind[i] + m.group(3)
        else:
            w = before[i] + w + behind[i]
        if i and rng.random() < 0.02 and alone:
            w = rng.choice(alone) + " " + w
        out.append(w)
    return " ".join(out)


HTML = [lambda r, n=n: (f"<{n}>", f"</{n}>") for n in ("b", "i", "em", "strong", "span", "u")] + [lambda r: (f'<a href="http://a.b/{r.randrange(99)}?c=1&amp;d=2">', "</a>")]
MARKDOWN = [lambda r, s=s: (s, s) for s in ("**", "*")] + [lambda r: ("[", f"](http://a.b/{r.randrange(99)})")]
TAG = {"html": r"<[^>]*>", "markdown": r"\*\*\*|\*\*|\*|\[|\]\([^)]*\)|!\[[^\]]*\]\([^)]*\)", "srt": r"</?[a-z]+>"}


def report(name, n, formed, equal, got, plain):
    print(f"{name}: {formed} of {n} well formed, {equal} of {n} with the tags of the source, BLEU {got:.2f} (plain text {plain:.2f})")


def rendered(text):
    """The tags of a paragraph of Markdown, by the reference implementation in Python."""
    return collections.Counter(re.findall(r"</?(?:em|strong|a|img)\b", commonmark.commonmark(text)))


def intended(text):
    """Tags that were put in: halves of emphasis and links, and images. What would not be read so is made again."""
    signs = re.sub(r"\]\([^)]*\)|!\[\]", "", text)
    return 2 * text.count("](") - text.count("![](") + 2 * signs.count("**") // 2 + signs.replace("**", "").count("*")


def paragraphs(kind, n, kinds, alone, seed):
    rng = random.Random(seed)
    pairs = sample(rng, n)
    marked = []
    for s, _ in pairs:
        m = wrap(rng, s, kinds, alone)
        while kind == "markdown" and sum(rendered(m).values()) != sum(rendered(s).values()) + intended(m):
            m = wrap(rng, s, kinds, alone)
        marked.append(m)
    around = ("<p>", "</p>") if kind == "html" else ("", "")
    gap = "\n" if kind == "html" else "\n\n"
    doc = gap.join(around[0] + m + around[1] for m in marked)
    out = translate(doc, "--format", kind).split(gap)
    assert len(out) == n, (len(out), n)
    plain = translate("".join(s + "\n" for s, _ in pairs)).split("\n")[:-1]
    formed = equal = 0
    bare = []
    for m, o in zip(marked, out):
        if kind == "html":
            try:
                ET.fromstring(o)
                formed += 1
            except ET.ParseError:
                print("BROKEN", o)
            o = o[3:-4]
        else:
            formed += rendered(o) == rendered(m)
            if rendered(o) != rendered(m):
                print("BROKEN", m, "->", o)
        signs = lambda t: collections.Counter(re.findall(TAG[kind], t) if kind == "html" else "".join(re.findall(TAG[kind], t)))
        equal += signs(m) == signs(o)
        if signs(m) != signs(o):
            print("TAGS", m, "->", o)
        text = re.sub(TAG[kind], "", o) if kind == "html" else re.sub(r"\\(.)", r"\1", re.sub(TAG[kind], "", o))
        text = re.sub("  +", " ", text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")).strip()
        bare.append(text)
    refs = [t for _, t in pairs]
    report(kind, n, formed, equal, bleu(bare, refs), bleu(plain, refs))
    for m, o in list(zip(marked, out))[:: max(1, n // SHOW)][:SHOW] if SHOW else []:
        print(m, "\n    " + o)


def subtitles(n, seed):
    rng = random.Random(seed)
    pairs = sample(rng, 3 * n)
    rng.shuffle(pairs)
    formed = equal = 0
    got, plain_in = [], []
    for k in range(n):
        group = [p for p in pairs[3 * k : 3 * k + 3]]
        cues = []
        for s, _ in group:
            s = s if re.search(r"[.!?]$", s) else s + "."
            plain_in.append(s)
            words = s.split(" ")
            cuts = sorted(rng.sample(range(1, len(words)), min(len(words) - 1, rng.randint(1, 2))))
            parts = [" ".join(words[a:b]) for a, b in zip([0] + cuts, cuts + [len(words)])]
            for p in parts:
                if rng.random() < 0.4:
                    p = wrap(rng, p, [lambda r: ("<i>", "</i>"), lambda r: ("<b>", "</b>")], None)
                if len(p) > 42 and rng.random() < 0.8:
                    at = p.find(" ", len(p) // 2)
                    p = p[:at] + "\n" + p[at + 1 :] if at > 0 else p
                cues.append(p)
        doc = "".join(f"{i + 1}\n00:00:{2 * i:02},000 --> 00:00:{2 * i + 1:02},900\n{c}\n\n" for i, c in enumerate(cues))
        out = translate(doc, "--format", "srt")
        a, b = doc.split("\n\n"), out.split("\n\n")
        frame = lambda c: c.split("\n")[:2]
        ok = len(a) == len(b) and all(frame(x) == frame(y) for x, y in zip(a, b))
        try:
            for c in b[:-1]:
                ET.fromstring("<c>" + "\n".join(c.split("\n")[2:]).replace("&", "&amp;") + "</c>")
        except ET.ParseError:
            ok = False
        formed += ok
        if not ok:
            print("BROKEN", doc, out)
        signs = lambda t: collections.Counter(re.findall(TAG["srt"], t))
        equal += signs(doc) == signs(out)
        got.append(re.sub(" +", " ", " ".join(re.sub(TAG["srt"], "", " ".join(c.split("\n")[2:])) for c in b[:-1])))
        if SHOW and k % max(1, n // SHOW) == 0:
            print(doc + "    =>\n" + out)
    plain = translate("".join(s + "\n" for s in plain_in)).split("\n")[:-1]
    joined = [" ".join(plain[3 * k : 3 * k + 3]) for k in range(n)]
    refs = [" ".join(t for _, t in pairs[3 * k : 3 * k + 3]) for k in range(n)]
    report("srt", n, formed, equal, bleu(got, refs), bleu(joined, refs))


paragraphs("html", 300, HTML, ["<br/>", '<img src="a.png"/>'], 1)
paragraphs("markdown", 300, MARKDOWN, ["![](a.png)"], 2)
subtitles(100, 3)
