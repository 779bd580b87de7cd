#!/usr/bin/env python3
"""Holds lib/score against sacreBLEU on random text and on perturbed translations.

    python3 tests/oracle/score_fuzz.py [--build DIR] [--seed N] [--strings N] [--quick] [TEXT...]

Each TEXT is a file of sentences to perturb (as is and as reference); without any, random words do.
Scores, tokens, signatures and p-values must be equal: doubles to the last bit. Ends with a count as
the other tests do; without sacreBLEU it says that all is skipped.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MISSING = "\x01"
passed = failed = 0


def check(ok, what):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        if failed < 20:
            print("FAIL", what() if callable(what) else what)


def compile_driver(build, folder):
    program = os.path.join(folder, "score_driver")
    spm = os.path.join(ROOT, "build/spm/src")
    checked = ["-fsanitize=address,undefined"] if os.path.basename(build) == "debug" else []
    subprocess.run(
        ["cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", *checked, "-I", os.path.join(ROOT, "lib"),
         os.path.join(HERE, "score_driver.c"), os.path.join(build, "libttrans.a"),
         os.path.join(spm, "libsentencepiece_train.a"), os.path.join(spm, "libsentencepiece.a"),
         "-lstdc++", "-lz", "-lm", "-lpthread", "-o", program], check=True)
    return program


def feed(rows):
    return b"".join((MISSING if f is None else f).encode() + b"\0" for row in rows for f in row)


class Ours:
    def __init__(self, program):
        self.program = program

    def run(self, mode, metric, refs, rows, extra=(), **options):
        args = [f"{k}={v}" for k, v in options.items() if v is not None]
        command = [self.program, mode, metric, str(refs), *map(str, extra), *args]
        done = subprocess.run(command, input=feed(rows), stdout=subprocess.PIPE)
        if done.returncode:
            sys.exit(f"failed: {command}")
        return done.stdout

    def scores(self, metric, refs, rows, **options):
        lines = self.run("score", metric, refs, rows, **options).decode().splitlines()
        return [(float.fromhex(a[0]), a[1]) for a in (line.split() for line in lines)]

    def words(self, metric, lines, **options):
        out = self.run("words", metric, 0, [[line] for line in lines], **options)
        return [w.decode() for w in out.split(b"\0")[:-1]]

    def trials(self, metric, refs, rows, systems, kind, count, seed, threads, **options):
        out = self.run("trials", metric, refs, rows, (systems, kind, count, seed, threads),
                       **options).decode().splitlines()
        return [tuple(map(float, line.split())) for line in out[:systems]]


# ---- text ----------------------------------------------------------------------------------------

SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2007\u2028\u2029\u202f\u205f\u3000\u200b"
MARKS = "...,,,---'''\"!?()[]{}/\\&;:%$#@*+<=>^_`|~¿¡«»—–…“”€£°№·„‚，。、：；！？（）「」・～"
SPECIAL = ["&quot;", "&amp;", "&lt;", "&gt;", "&", "<skipped>", "-\n", "\n", "\n-", "'s ", "'s", "Σ", "ΑΣ",
           "Σ.", "İ", "ǅ", "ß", "Å", "3.", ".5", "1,000.50", "5-6", "日本", "りの拳銃を持", "美众院", "カナ",
           "\U00020000", "\U0002f81a", "\u2a6d", "\u2fa1", "\u0345", "\u00ad", "e\u0301", "\U0001f600"]


def random_char(rng):
    kind = rng.random()
    if kind < 0.35:
        return chr(rng.randrange(0x20, 0x7F))
    if kind < 0.45:
        return rng.choice("0123456789")
    if kind < 0.60:
        return rng.choice(MARKS)
    if kind < 0.70:
        return rng.choice(SPACES)
    if kind < 0.80:
        return rng.choice(SPECIAL)
    if kind < 0.90:
        return chr(rng.randrange(0x80, 0x3400))
    while True:
        c = rng.randrange(2, 0x110000 if rng.random() < 0.3 else 0x20000)
        if not 0xD800 <= c < 0xE000:
            return chr(c)


def random_line(rng):
    return "".join(random_char(rng) for _ in range(rng.randrange(rng.choice((3, 12, 40)))))


def perturb(rng, line, words):
    out = line.split(" ")
    for _ in range(rng.randrange(1 + max(1, len(out) // 3))):
        at, kind = rng.randrange(len(out)) if out else 0, rng.randrange(6)
        if kind == 0 and out:
            del out[at]
        elif kind == 1:
            out.insert(at, rng.choice(words))
        elif kind == 2 and out:
            out[at] = rng.choice(words)
        elif kind in (3, 4) and len(out) > 2:
            end = min(len(out), at + rng.randrange(1, 12))
            phrase = out[at:end]
            del out[at:end]
            to = rng.randrange(len(out) + 1)
            out[to:to] = phrase
        elif out:
            out[at] = rng.choice((str.upper, str.lower, str.title))(out[at])
    return " ".join(out)


def segments(rng, lines, n, refs, missing):
    words = " ".join(rng.sample(lines, min(200, len(lines)))).split() or ["a"]
    rows = []
    for line in rng.choices(lines, k=n):
        row = [perturb(rng, line, words)]
        row += [perturb(rng, line, words) if k or rng.random() < 0.5 else line for k in range(refs)]
        for f in range(1 + refs):
            if rng.random() < 0.03:
                row[f] = ""
        if rng.random() < 0.03:
            row[0] = random_line(rng)
        if rng.random() < 0.01:
            row[0] = line + " " + rng.choice(lines) + " " + rng.choice(lines)
        if missing:
            for f in range(2, 1 + refs):
                if rng.random() < 0.2:
                    row[f] = None
        rows.append(row)
    return rows


# ---- the comparisons -----------------------------------------------------------------------------

def tokens(ours, rng, n):
    from sacrebleu.metrics import BLEU, TER
    lines = [random_line(rng) for _ in range(n)]
    for name in ("13a", "none", "char", "intl", "zh"):
        for lower in (0, 1):
            bleu = BLEU(tokenize=name, lowercase=bool(lower), force=True)
            got = ours.words("bleu", lines, tokenize=name, lowercase=lower)
            for line, words in zip(lines, got):
                want = " ".join(bleu._preprocess_segment(line.rstrip()).split())
                check(words == want, lambda: f"{name} lowercase={lower} {line!r}: {words!r}, not {want!r}")
    for bits in range(16):
        norm, punct, asian, case = (bool(bits & 1 << k) for k in range(4))
        ter = TER(normalized=norm, no_punct=punct, asian_support=asian, case_sensitive=case)
        got = ours.words("ter", lines[:n // 4], normalized=int(norm), no_punct=int(punct), asian=int(asian),
                         case=int(case))
        for line, words in zip(lines, got):
            want = ter._preprocess_segment(line)
            check(words == want, lambda: f"ter {bits:04b} {line!r}: {words!r}, not {want!r}")


def spm_tokens(ours, rng, lines, n, model):
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor(model_file=model)
    lines = [random_line(rng) if rng.random() < 0.5 else rng.choice(lines) for _ in range(n)]
    got = ours.words("bleu", lines, pieces=model, tokenize="spm")
    for line, words in zip(lines, got):
        want = " ".join(" ".join(processor.encode(line.rstrip(), out_type=str)).split())
        # versions of SentencePiece differ in which of two equally probable cuts they take: "g gg", "gg g"
        check(sorted(words.split(" ")) == sorted(want.split(" ")), lambda: f"spm {line!r}: {words!r}, not {want!r}")


def bare(signature):
    return signature[:signature.index("|impl:")]


def compare(ours, name, metric, rows, refs, options):
    hyps = [r[0].rstrip() for r in rows]
    sides = [[None if r[1 + k] is None else r[1 + k].rstrip() for r in rows] for k in range(refs)]
    got = ours.scores(name, refs, rows, **options)
    for i, row in enumerate(rows):
        want = metric.sentence_score(hyps[i], [s[i] for s in sides]).score
        check(got[i][0] == want, lambda: f"{name} {options} {row!r}: {got[i][0]!r}, not {want!r}")
    want = metric.corpus_score(hyps, sides)
    check(got[-1][0] == want.score, lambda: f"{name} {options} corpus: {got[-1][0]!r}, not {want.score!r}")
    signature = metric.get_signature().format()
    check(bare(got[-1][1]) == signature, lambda: f"{got[-1][1]} is not {signature}")


def bleu(ours, rng, lines, n):
    from sacrebleu.metrics import BLEU
    for refs in (1, 2, 4):
        o = {"tokenize": rng.choice(("13a", "none", "char", "intl", "zh")), "lowercase": rng.randrange(2),
             "smooth": rng.choice(("exp", "floor", "add-k", "none")), "effective": rng.randrange(2),
             "order": rng.choice((4, 4, 1, 2, 6, 9)), "value": rng.choice((None, 0.0, 0.01, 1.5, 2.0))}
        if o["smooth"] in ("exp", "none"):
            o["value"] = None
        metric = BLEU(lowercase=bool(o["lowercase"]), tokenize=o["tokenize"], smooth_method=o["smooth"],
                      smooth_value=o["value"], max_ngram_order=o["order"],
                      effective_order=bool(o["effective"]), force=True)
        compare(ours, "bleu", metric, segments(rng, lines, n, refs, refs == 4), refs, o)


def chrf(ours, rng, lines, n):
    from sacrebleu.metrics import CHRF
    for refs in (1, 2, 4):
        o = {"chars": rng.choice((6, 6, 1, 3, 8)), "words": rng.choice((0, 2, 2, 3)),
             "beta": rng.choice((2, 2, 1, 3)), "space": rng.randrange(2), "eps": rng.randrange(2),
             "chrf_lowercase": rng.randrange(2)}
        metric = CHRF(char_order=o["chars"], word_order=o["words"], beta=o["beta"],
                      whitespace=bool(o["space"]), eps_smoothing=bool(o["eps"]),
                      lowercase=bool(o["chrf_lowercase"]))
        compare(ours, "chrf", metric, segments(rng, lines, n, refs, refs == 4), refs, o)


def ter(ours, rng, lines, n):
    from sacrebleu.metrics import TER
    for refs in (1, 3):
        o = {k: rng.randrange(2) for k in ("normalized", "no_punct", "asian", "case")}
        metric = TER(normalized=bool(o["normalized"]), no_punct=bool(o["no_punct"]),
                     asian_support=bool(o["asian"]), case_sensitive=bool(o["case"]))
        compare(ours, "ter", metric, segments(rng, lines, n, refs, refs == 3), refs, o)
    few = "a b c d e f g".split()
    rows = []
    for _ in range(n):
        lengths = [rng.choice((rng.randrange(8), rng.randrange(40), rng.randrange(130))) for _ in range(2)]
        rows.append([" ".join(rng.choices(few[:rng.randrange(2, 8)], k=k)) for k in lengths])
    compare(ours, "ter", TER(), rows, 1, {})


def trials(ours, rng, lines, n):
    """Intervals and p-values, as many digits as there are; with three threads as with one."""
    from sacrebleu.metrics import BLEU, CHRF, TER
    from sacrebleu.significance import PairedTest
    metrics = {"bleu": (BLEU(force=True), {}), "chrf": (CHRF(word_order=2), {"words": 2}), "ter": (TER(), {}),
               "bleu add-k": (BLEU(force=True, smooth_method="add-k", smooth_value=1.5),
                              {"smooth": "add-k", "value": 1.5}),
               "chrf eps": (CHRF(eps_smoothing=True), {"eps": 1})}
    for name, (metric, options) in metrics.items():
        seed = rng.choice(("12345", "1", "7", str(rng.randrange(10 ** 9)), str(rng.randrange(2 ** 200))))
        os.environ["SACREBLEU_SEED"] = seed
        kind = name.split()[0]
        refs = 1 if kind == "chrf" else 2
        rows = [[perturb(rng, r[0], ["x", "y"]) if k < 2 else r[0] for k in range(2)] + r
                for r in segments(rng, lines, n, refs, False)]
        systems, sides = list(zip(*rows))[:3], list(zip(*rows))[3:]
        systems = [[h.rstrip() for h in s] for s in systems]
        sides = [[h.rstrip() for h in s] for s in sides]
        got = ours.trials(kind, refs, [r[:1] + r[3:] for r in rows], 1, "ci", 300, seed, 2, **options)[0]
        want = metric.corpus_score(systems[0], sides, n_bootstrap=300)
        check((got[0], got[1]) == (float(want._mean), float(want._ci)),
              lambda: f"{name} ci seed {seed}: {got}, not {want._mean} {want._ci}")
        for test, count in (("bs", 300), ("ar", 500)):
            got = [ours.trials(kind, refs, rows, 3, test, count, seed, threads, **options)
                   for threads in (1, 3)]
            check(got[0] == got[1], f"{name} {test}: threads make a difference")
            paired = PairedTest([(str(i), s) for i, s in enumerate(systems)], {"m": metric}, sides,
                                test_type=test, n_samples=count)
            _, scores = paired()
            want = next(v for k, v in scores.items() if k != "System")
            for i, (g, w) in enumerate(zip(got[0], want)):
                w = tuple(float(x) if x is not None else d
                          for x, d in ((w.mean, 0.0), (w.ci, 0.0), (w.p_value, 1.0)))
                check(g == w, lambda: f"{name} {test} seed {seed} system {i}: {g}, not {w}")
    del os.environ["SACREBLEU_SEED"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    p.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    p.add_argument("--strings", type=int, default=2000)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--segments", type=int, default=60)
    p.add_argument("--only")
    p.add_argument("text", nargs="*")
    a = p.parse_args()
    try:
        import sacrebleu  # noqa: F401
    except ImportError:
        print("skip score_fuzz: no sacreBLEU")
        print("score_fuzz: 0 passed, 0 failed, 1 skipped")
        return 0
    warnings.filterwarnings("ignore")
    import logging
    logging.disable(logging.WARNING)
    print("seed", a.seed)
    rng = random.Random(a.seed)
    lines = [line for path in a.text for line in open(path, encoding="utf-8", newline="\n").read().split("\n")]
    if not lines:
        some = [random_line(rng).replace(" ", "") or "a" for _ in range(60)] + "the dog . , bit a man".split() * 9
        lines = [" ".join(rng.choices(some, k=rng.randrange(30))) for _ in range(300)]
    lines = [line.replace("\0", "") for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(compile_driver(a.build, folder))
        parts = {"tokens": lambda: tokens(ours, rng, a.strings)}
        model = os.path.join(ROOT, "vocab/en-es.spm")
        try:
            import sentencepiece  # noqa: F401
            parts["spm"] = lambda: spm_tokens(ours, rng, lines, a.strings, model)
        except ImportError:
            print("skip spm: no sentencepiece")
        for k in range(a.rounds):
            parts[f"bleu {k}"] = lambda: bleu(ours, rng, lines, a.segments)
            parts[f"chrf {k}"] = lambda: chrf(ours, rng, lines, a.segments)
            parts[f"ter {k}"] = lambda: ter(ours, rng, lines, a.segments)
        parts["trials"] = lambda: trials(ours, rng, lines, a.segments)
        for name, part in parts.items():
            if not a.only or name.startswith(a.only):
                part()
    print(f"score_fuzz: {passed} passed, {failed} failed" + ("" if "spm" in parts else ", 1 skipped"))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
