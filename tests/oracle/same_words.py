#!/usr/bin/env python3
"""A model that has learned something, beside Marian and CTranslate2 on the same weights: which lines differ, and why.

    PYTHON tests/oracle/same_words.py [--lines N] [--beams 1 4] [--peers marian ctranslate2] [--show] TTRANS MODEL TEXT

MODEL is a model file, with 32-bit weights or others; TEXT has a sentence a line. The model is exported for each program that PYTHON has
(pymarian with the module _pymarian, ctranslate2 with sentencepiece) and all three translate, normalised by length, in 32-bit
arithmetic. For each beam and program it prints how many lines are the same words; with --show, each line that is not, with both
translations and the score that ttrans gives to either.

A line counts as explained
  limit    where one is the beginning of the other: it ran to the greatest length, which is 3 times the source in Marian, 10 tokens
           more here, one number for all lines in CTranslate2
  tie      where the two scores are within 1e-4 of each other: rounding decides
  better   where ttrans found a translation that its model scores higher than the other's: the other's search is narrower
  worse    where the other's is scored higher: its search is wider. CTranslate2's beam does not shrink when a hypothesis ends, so
           both happen there; Marian's rule is ours, so of it there should be none

It fails when greedy translations differ in more than limits and ties, or when fewer than 98 % of Marian's lines at wider beams are the same.
Marian's search with pre-norm models leaves out the norm of keys and values: it is not asked about those.
Prints "same: N passed, N failed, N skipped" at the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from outside import have, run

TIE = 1e-4
MARIAN = "import sys, _pymarian; sys.exit(_pymarian.main(sys.argv[1:]))"
CT2 = r'''
import sys, json, ctranslate2, sentencepiece, os
folder, beam = sys.argv[1], int(sys.argv[2])
spm = [sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, s + ".spm")) for s in ("source", "target")]
t = ctranslate2.Translator(folder, device="cpu", compute_type="float32", intra_threads=1)
lines = [x.rstrip("\n") for x in sys.stdin]
out = t.translate_batch([spm[0].encode_as_pieces(x) for x in lines], beam_size=beam, length_penalty=1, max_batch_size=16,
                        disable_unk=True, min_decoding_length=0, max_decoding_length=300)
print(json.dumps([spm[1].decode_pieces(x.hypotheses[0]) for x in out]))
'''


def marian(folder, lines, beam):
    vocab = [os.path.join(folder, f) for f in ("vocab.spm", "source.spm", "target.spm") if os.path.exists(os.path.join(folder, f))]
    vocab = (vocab * 2)[:2]
    out = run(sys.executable, "-c", MARIAN, "decode", "-m", os.path.join(folder, "model.npz"), "-v", *vocab, "--cpu-threads", "1",
              "--quiet", "--quiet-translation", "-b", str(beam), "-n", "1", "--mini-batch", "1", "--maxi-batch", "1",
              "--workspace", "500", "--max-length-factor", "3", "--max-length", "500", text="\n".join(lines) + "\n")
    return out.split("\n")[:len(lines)]


def ctranslate2(folder, lines, beam):
    return json.loads(run(sys.executable, "-c", CT2, folder, str(beam), text="\n".join(lines) + "\n"))


PEERS = {"marian": (marian, ("_pymarian",), "marian"), "ctranslate2": (ctranslate2, ("ctranslate2", "sentencepiece"), "ctranslate2")}


def scores(ttrans, model, lines, translations):
    pairs = "".join(f"{s}\t{t}\n" for s, t in zip(lines, translations))
    out = run(ttrans, "translate", "-q", "-m", model, "--compute-type", "f32", "--score", "-n", "1", text=pairs)
    return [float(x.split()[0]) for x in out.split("\n") if x]


def differences(ttrans, model, lines, mine, his):
    """(number, kind, both scores) of the lines that are not the same."""
    at = [i for i in range(len(lines)) if mine[i] != his[i]]
    ours = scores(ttrans, model, [lines[i] for i in at], [mine[i] for i in at])
    theirs = scores(ttrans, model, [lines[i] for i in at], [his[i] for i in at])

    def kind(i, x, y):
        short, long = sorted((mine[i], his[i]), key=len)
        if short and long.startswith(short):
            return "limit"
        return "tie" if abs(x - y) < TIE else "better" if x > y else "worse"
    return [(i, kind(i, x, y), x, y) for i, x, y in zip(at, ours, theirs)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--lines", type=int, default=1000)
    p.add_argument("--beams", nargs="*", type=int, default=[1, 4])
    p.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    p.add_argument("--show", action="store_true")
    p.add_argument("ttrans")
    p.add_argument("model")
    p.add_argument("text")
    a = p.parse_args()
    with open(a.text) as f:
        lines = [x.strip() for x in f.read().split("\n") if x.strip()][:a.lines]
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        norm = run(a.ttrans, "info", "-k", "model.norm", a.model).strip()
        mine = {b: run(a.ttrans, "translate", "-q", "-m", a.model, "--compute-type", "f32", "-b", str(b), "-n", "1",
                       "--max-length-factor", "3", text="\n".join(lines) + "\n").split("\n")[:len(lines)] for b in a.beams}
        for name in a.peers:
            translate, modules, form = PEERS[name]
            out = os.path.join(folder, name)
            if not have(*modules) or (name == "marian" and norm == "pre"):
                skipped += 1
                print(f"skip {name}: " + ("its search is wrong with pre-norm models" if have(*modules) else "not there"), flush=True)
                continue
            r = subprocess.run([a.ttrans, "export", "-q", "-f", form, "-o", out, a.model], capture_output=True, text=True)
            if r.returncode:
                skipped += 1
                print(f"skip {name}: {r.stderr.strip()}", flush=True)
                continue
            for beam in a.beams:
                his = translate(out, lines, beam)
                odd = differences(a.ttrans, a.model, lines, mine[beam], his)
                kinds = {k: sum(x[1] == k for x in odd) for k in ("limit", "tie", "better", "worse")}
                good = all(x[1] in ("limit", "tie") for x in odd) if beam == 1 else name != "marian" or len(odd) <= 0.02 * len(lines)
                passed += good
                failed += not good
                print(("" if good else "FAIL ") + f"{os.path.basename(a.model)}, {name}, beam {beam}: {len(lines) - len(odd)} of {len(lines)} "
                      "lines are the same; " + ", ".join(f"{n} {k}" for k, n in kinds.items()), flush=True)
                for i, kind, x, y in odd if a.show else []:
                    print(f"  {kind}, line {i + 1}: {lines[i]}\n    ttrans {x:.5f} {mine[beam][i]}\n    {name} {y:.5f} {his[i]}")
    print(f"same: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(failed != 0)


main()
