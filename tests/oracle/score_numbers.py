#!/usr/bin/env python3
"""What sacreBLEU 2.6 makes of tests/golden/score_segments.tsv (hypothesis TAB two references).

    python3 tests/oracle/score_numbers.py tests/golden      # writes score_numbers.txt, score_words.tsv

Lines, scores as C's hexadecimal floats:

  bleu REFS TOKENIZER SMOOTH VALUE|- EFFECTIVE ORDER SEGMENT|all SCORE
  chrf REFS CHARS WORDS BETA SPACE EPS SEGMENT|all SCORE
  ter REFS NORMALIZED NO_PUNCT ASIAN CASE SEGMENT|all SCORE
  ci METRIC TRIALS SEED MEAN HALF_WIDTH       of the hypothesis against the second reference
  bs METRIC TRIALS SEED MEAN HALF_WIDTH P     of the first reference, the hypothesis being the baseline
  ar METRIC TRIALS SEED P
  13a SEGMENT TAB the hypothesis, tokenised

score_words.tsv: tokeniser, options, a line, its words.
"""

import itertools
import os
import sys

from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a


def numbers(metric, rows, refs, segments):
    hyps = [r[0] for r in rows]
    sides = [[r[1 + k] for r in rows] for k in range(refs)]
    yield "all", metric.corpus_score(hyps, sides).score.hex()
    for i, r in enumerate(rows if segments else []):
        yield i, metric.sentence_score(r[0], r[1:1 + refs]).score.hex()


LINES = [
    "¿Qué tal? «Hola», dijo—1998.", "It's 1,000.50 euros, e.g. 5-6% (approx.)", "x.5 5.x -5 5- .5 5.",
    "&quot;a&quot; &amp;lt; <skipped>b &gt;c", "&amp;amp;quot; Jim's car, Jim's.", "ΟΔΥΣΣΕΥΣ Σ ΑΣ. ΑΣ\u0301 Σα İstanbul ǅ",
    "美众院公布对特朗普3.5亿的调查。", "りの拳銃を持・つ「カナ」、ｱ！", "㐀 \u2a6d \u2fa1 \U00020000 \U0002f81a 㼢 ㏿",
    "a\xa0b\u200bc\u3000d\u2028e\x85f\x1cg\u2009h", "١,٢ ٣.٤ ½.5 ²,Ⅷ-9 𝟗.𝟘", "€5 £3.50 +1=2 ≠ ∑ ♥ 😀👍🏽 ™ ¨ ^ ` ~",
    "„Zitat“ …‚so’—‘da’ ‹x› ·•§¶", "3.", "...", "a...b,,c", "1--2 3-a", "don't [stop] {now}", "", "  . ",
    "\u20c1 \U0001fae9 \u1c89 \ua7cb \u2ffc", "Å K ẞ ﬁ Ω Ⅻ Ⓐ Ａ Ⴀ \U00010400 Ꭰ",
]


def words(out):
    for line in LINES:
        for name in ("13a", "none", "char", "intl", "zh"):
            for lower in (0, 1):
                bleu = BLEU(tokenize=name, lowercase=bool(lower))
                print("bleu", name, lower, line, " ".join(bleu._preprocess_segment(line).split()), sep="\t", file=out)
        for o in itertools.product((0, 1), repeat=4):
            made = TER(*map(bool, o))._preprocess_segment(line)
            print("ter", "-", "".join(map(str, o)), line, made, sep="\t", file=out)


def trials(rows, out):
    systems, refs = [("one", [r[0] for r in rows]), ("two", [r[1] for r in rows])], [[r[2] for r in rows]]
    metrics = {"bleu": BLEU(), "chrf": CHRF(), "ter": TER()}
    for seed, count, (name, metric) in itertools.product(
            ("12345", "7", "340282366920938463463374607431768211456"), (1000, 41), metrics.items()):
        os.environ["SACREBLEU_SEED"] = seed
        score = metric.corpus_score(systems[0][1], refs, n_bootstrap=count)
        print("ci", name, count, seed, float(score._mean).hex(), float(score._ci).hex(), file=out)
        for kind in ("bs", "ar"):
            _, found = PairedTest(systems, {name: metric}, refs, test_type=kind, n_samples=count)()
            two = next(v for k, v in found.items() if k != "System")[1]
            figures = (two.mean, two.ci, two.p_value) if kind == "bs" else (two.p_value,)
            print(kind, name, count, seed, *(float(x).hex() for x in figures), file=out)


def main(folder):
    with open(f"{folder}/score_segments.tsv", encoding="utf-8", newline="\n") as f:
        rows = [[c.rstrip() for c in line.rstrip("\n").split("\t")] for line in f]
    with open(f"{folder}/score_numbers.txt", "w", encoding="utf-8", newline="\n") as out:
        smooths = [("exp", None), ("floor", None), ("floor", 0.01), ("add-k", 2.0), ("none", None)]
        for refs, tok, (smooth, value), eff, order in itertools.product(
                (1, 2), ("13a", "none"), smooths, (0, 1), (4, 2, 7)):
            metric = BLEU(tokenize=tok, smooth_method=smooth, smooth_value=value,
                          effective_order=bool(eff), max_ngram_order=order)
            each = tok == "13a" and eff and order == 4
            for segment, score in numbers(metric, rows, refs, each):
                shown = "-" if value is None else value
                print("bleu", refs, tok, smooth, shown, eff, order, segment, score, file=out)
        for refs, nc, nw, beta, space, eps in itertools.product(
                (1, 2), (6, 3), (0, 2), (2, 3), (0, 1), (0, 1)):
            metric = CHRF(char_order=nc, word_order=nw, beta=beta, whitespace=bool(space),
                          eps_smoothing=bool(eps))
            each = nc == 6 and beta == 2 and not space
            for segment, score in numbers(metric, rows, refs, each):
                print("chrf", refs, nc, nw, beta, space, eps, segment, score, file=out)
        for refs, norm, punct, asian, case in itertools.product((1, 2), (0, 1), (0, 1), (0, 1), (0, 1)):
            metric = TER(*map(bool, (norm, punct, asian, case)))
            for segment, score in numbers(metric, rows, refs, not punct and not asian and not case):
                print("ter", refs, norm, punct, asian, case, segment, score, file=out)
        trials(rows, out)
        for i, row in enumerate(rows):
            print(f"13a {i}\t{Tokenizer13a()(row[0])}", file=out)
    with open(f"{folder}/score_words.tsv", "w", encoding="utf-8", newline="\n") as out:
        words(out)


if __name__ == "__main__":
    main(sys.argv[1])
