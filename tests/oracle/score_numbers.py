#!/usr/bin/env python3
"""What sacreBLEU 2.6 makes of tests/golden/score_segments.tsv (hypothesis TAB two references).

    python3 tests/oracle/score_numbers.py tests/golden      # writes score_numbers.txt

Lines, scores as C's hexadecimal floats:

  bleu REFS TOKENIZER SMOOTH VALUE|- EFFECTIVE ORDER SEGMENT|all SCORE
  chrf REFS CHARS WORDS BETA SPACE EPS SEGMENT|all SCORE
  13a SEGMENT TAB the hypothesis, tokenised
"""

import itertools
import sys

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a


def numbers(metric, rows, refs, segments):
    hyps = [r[0] for r in rows]
    sides = [[r[1 + k] for r in rows] for k in range(refs)]
    yield "all", metric.corpus_score(hyps, sides).score.hex()
    for i, r in enumerate(rows if segments else []):
        yield i, metric.sentence_score(r[0], r[1:1 + refs]).score.hex()


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
        for i, row in enumerate(rows):
            print(f"13a {i}\t{Tokenizer13a()(row[0])}", file=out)


if __name__ == "__main__":
    main(sys.argv[1])
