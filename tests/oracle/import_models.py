#!/usr/bin/env python3
"""Imported models beside the programs they come from: small Marian models of every kind, made here with random weights.

    PYTHON tests/oracle/import_models.py [--lines N] [--keep DIR] TTRANS

PYTHON has numpy; for the comparisons it needs pymarian and ctranslate2 (what is missing is skipped, and said). For each
kind of model:

  import      the .npz and, where Marian's converter makes it, the .bin give the same tensors
  forced      log-probabilities of given pairs: Marian's scorer and CTranslate2's against `translate --score`
  beam 1      translations, line by line
  round trip  export to each format and import again: the same tensors, bit for bit

Random weights repeat themselves up to the limit of length, which is not the same here and there, so of beam 4 only the count is told.
Marian translates with pre-norm models without the norm of keys and values (formats differ between its training and its
step-by-step search), so there only its scorer counts.

Prints a line for each figure, and ends with "import: N passed, N failed, N skipped".
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skip import_models: no numpy\nimport: 0 passed, 0 failed, 1 skipped")
    sys.exit(0)

D, H, F, LAYERS, V = 32, 4, 64, 2, 60
TOLERANCE = 1e-3  # nats a pair
KINDS = {
    "post-relu": {"transformer-ffn-activation": "relu"},
    "post-swish": {"transformer-ffn-activation": "swish"},
    "post-gelu": {"transformer-ffn-activation": "gelu"},
    "pre-norm": {"transformer-preprocess": "n", "transformer-postprocess": "da", "transformer-postprocess-top": "n"},
    "ssru": {"transformer-decoder-autoreg": "rnn", "dec-cell": "ssru", "transformer-ffn-activation": "relu"},
    "average": {"transformer-decoder-autoreg": "average-attention", "transformer-dim-aan": 48},
    "average-nogate": {"transformer-decoder-autoreg": "average-attention", "transformer-dim-aan": 48,
                       "transformer-aan-nogate": True},
    "untied": {"tied-embeddings-all": False},
    "tied-decoder": {"tied-embeddings-all": False, "tied-embeddings": True},
    "tied-source": {"tied-embeddings-all": False, "tied-embeddings-src": True},
    "learned": {"transformer-train-position-embeddings": True},
    "emb-norm": {"transformer-postprocess-emb": "nd"},
    "top-norm": {"transformer-postprocess-top": "n"},
    "other-ffn": {"transformer-decoder-dim-ffn": 48, "dec-depth": 1},
    "tied-layers": {"transformer-tied-layers": [1, 1]},
    "no-bias": {"output-omit-bias": True},
}
CT2 = {"post-relu", "post-swish", "pre-norm", "untied", "tied-decoder", "emb-norm", "learned"}
PIECES = ["</s>", "<unk>"] + [f"w{i}" for i in range(2, V)]


def options(kind):
    o = {"type": "transformer", "dim-emb": D, "dim-vocabs": [V, V], "enc-depth": LAYERS, "dec-depth": LAYERS,
         "transformer-heads": H, "transformer-dim-ffn": F, "transformer-decoder-dim-ffn": 0, "transformer-ffn-depth": 2,
         "transformer-decoder-ffn-depth": 0, "transformer-ffn-activation": "swish", "transformer-preprocess": "",
         "transformer-postprocess": "dan", "transformer-postprocess-emb": "d", "transformer-postprocess-top": "",
         "transformer-decoder-autoreg": "self-attention", "dec-cell": "gru", "transformer-tied-layers": [],
         "transformer-no-projection": False, "transformer-rnn-projection": False, "transformer-aan-depth": 2,
         "transformer-aan-activation": "swish", "transformer-aan-nogate": False, "transformer-dim-aan": 2048,
         "transformer-train-position-embeddings": False, "transformer-disable-position-embeddings": False,
         "transformer-guided-alignment-layer": "last", "transformer-no-bias": False, "transformer-no-affine": False,
         "transformer-pool": False, "transformer-depth-scaling": False, "tied-embeddings": False, "tied-embeddings-src": False,
         "tied-embeddings-all": True, "output-omit-bias": False, "lemma-dim-emb": 0, "lemma-dependency": "",
         "factors-combine": "sum", "factors-dim-emb": 0, "right-left": False, "layer-normalization": False, "input-types": [],
         "skip": False, "enc-cell": "gru", "enc-type": "bidirectional", "enc-cell-depth": 1, "dec-cell-base-depth": 2,
         "dec-cell-high-depth": 1, "dim-rnn": 1024, "ulr": False, "ulr-dim-emb": 0, "ulr-trainable-transformation": False,
         "version": "v1.12.42 random"}
    o.update(KINDS[kind])
    return o


def weights(o, seed):
    g = np.random.default_rng(seed)
    w = {}

    def matrix(name, rows, cols, scale=None):
        w[name] = (g.standard_normal((rows, cols)) * (scale or math.sqrt(2 / (rows + cols)) * 1.3)).astype(np.float32)

    def vector(name, n=D, one=0.0):
        w[name] = (one + 0.2 * g.standard_normal((1, n))).astype(np.float32)

    def norm(name, pre=""):
        vector(name + "_ln_scale" + pre, one=1.0)
        vector(name + "_ln_bias" + pre)

    pre = "_pre" if o["transformer-preprocess"] == "n" else ""
    table = 0.4
    if o["tied-embeddings-all"] or o["tied-embeddings-src"]:
        matrix("Wemb", V, D, table)
    else:
        matrix("encoder_Wemb", V, D, table)
        matrix("decoder_Wemb", V, D, table)
    if not (o["tied-embeddings-all"] or o["tied-embeddings"]):
        matrix("decoder_ff_logit_out_Wt", V, D, table)
    if not o["output-omit-bias"]:
        vector("decoder_ff_logit_out_b", V)
        w["decoder_ff_logit_out_b"][0, 0] += 1.5  # so that sentences end
    if o["transformer-train-position-embeddings"]:
        matrix("Wpos", 512, D, 0.5)

    def attention(name):
        for m in "qkvo":
            matrix(f"{name}_W{m}", D, D)
            vector(f"{name}_b{m}")
        norm(name + "_Wo", pre)

    for side in ("encoder", "decoder"):
        if "n" in o["transformer-postprocess-emb"]:
            norm(side + "_emb", "_pre")
        if "n" in o["transformer-postprocess-top"]:
            norm(side + "_top")
        decoder = side == "decoder"
        f = decoder and o["transformer-decoder-dim-ffn"] or F
        for i in range(1, o["dec-depth" if decoder else "enc-depth"] + 1):
            base = f"{side}_l{i}"
            if decoder and o["transformer-tied-layers"] and o["transformer-tied-layers"][i - 1] != i:
                continue
            how = o["transformer-decoder-autoreg"] if decoder else "self-attention"
            if how == "self-attention":
                attention(base + "_self")
            elif how == "rnn":
                matrix(base + "_rnn_W", D, D)
                matrix(base + "_rnn_Wf", D, D)
                vector(base + "_rnn_bf")
                norm(base + "_rnn_ffn")
            else:
                a = o["transformer-dim-aan"]
                matrix(base + "_aan_W1", D, a)
                vector(base + "_aan_b1", a)
                matrix(base + "_aan_W2", a, D)
                vector(base + "_aan_b2")
                if not o["transformer-aan-nogate"]:
                    for m in "if":
                        matrix(f"{base}_aan_W{m}", D, D)
                        vector(f"{base}_aan_b{m}")
                norm(base + "_aan_ffn", pre)
            if decoder:
                attention(base + "_context")
            matrix(base + "_ffn_W1", D, f)
            vector(base + "_ffn_b1", f)
            matrix(base + "_ffn_W2", f, D)
            vector(base + "_ffn_b2")
            norm(base + "_ffn_ffn", pre)
    # Signs that turn the last states away from the embedding of the word said last, or it is said for ever.
    last = [n for n in w if n.startswith("decoder_") and n.endswith("ffn_ffn_ln_scale")][-1:] or ["decoder_top_ln_scale"]
    w[last[0]] = (1.5 * g.standard_normal((1, D))).astype(np.float32)
    return w


def yml(o):
    def say(v):
        if isinstance(v, bool):
            return "true" if v else "false"
        if isinstance(v, list):
            return "[" + ", ".join(map(str, v)) + "]"
        return '""' if v == "" else str(v)
    return "".join(f"{k}: {say(v)}\n" for k, v in sorted(o.items()))


def make(kind, seed, folder):
    os.makedirs(folder, exist_ok=True)
    o = options(kind)
    text = yml(o).encode() + b"\0"
    np.savez(os.path.join(folder, "model.npz"), **weights(o, seed), **{"special:model.yml": np.frombuffer(text, np.int8)})
    with open(os.path.join(folder, "vocab.yml"), "w") as f:
        f.writelines(f"{json.dumps(p)}: {i}\n" for i, p in enumerate(PIECES))
    return o


def sentences(n, seed):
    g = np.random.default_rng(seed)
    return [" ".join(f"w{i}" for i in g.integers(2, V, g.integers(1, 12))) for _ in range(n)]


class Count:
    passed = failed = skipped = 0

    def check(self, good, what):
        self.passed += bool(good)
        self.failed += not good
        print(("" if good else "FAIL ") + what, flush=True)

    def skip(self, what):
        self.skipped += 1
        print("skip", what, flush=True)


def run(*args, text=None):
    r = subprocess.run(args, input=text, capture_output=True, text=True)
    if r.returncode:
        raise RuntimeError(f"{' '.join(args)}: {r.returncode}: {r.stderr[-400:]}")
    return r.stdout


def ttm_tensors(ttrans, path):
    rows = [r.split() for r in run(ttrans, "info", "--tensors", path).split("\n")[1:] if r]
    return {r[0]: (r[1], r[3], r[4], r[8]) for r in rows if r[1] != "bytes"}


def marian(*args):
    return [sys.executable, "-c", "import sys, _pymarian; sys.exit(_pymarian.main(sys.argv[1:]))", *args]


def have(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0


def marian_scores(folder, src, tgt, model="model.npz"):
    v = os.path.join(folder, "vocab.yml")
    for name, lines in (("src", src), ("tgt", tgt)):
        with open(os.path.join(folder, name), "w") as f:
            f.write("\n".join(lines) + "\n")
    out = run(*marian("score", "-m", os.path.join(folder, model), "-v", v, v, "-t", os.path.join(folder, "src"),
                      os.path.join(folder, "tgt"), "--cpu-threads", "1", "--quiet", "--workspace", "200", "--max-length", "200"))
    return [float(x) for x in out.split()]


def marian_translate(folder, src, beam, model="model.npz"):
    v = os.path.join(folder, "vocab.yml")
    out = run(*marian("decode", "-m", os.path.join(folder, model), "-v", v, v, "--cpu-threads", "1", "--quiet", "-b", str(beam),
                      "-n", "1", "--mini-batch", "1", "--maxi-batch", "1", "--workspace", "200", "--quiet-translation",
                      "--max-length-factor", "3"), text="\n".join(src) + "\n")
    return out.split("\n")[:len(src)]


CT2_CODE = r'''
import sys, json, math, yaml, numpy as np, ctranslate2
from ctranslate2.converters import marian
npz, vocab, out, job = sys.argv[1:5]
def positions(dim, n=2048):
    k = dim // 2
    a = np.arange(n)[:, None] * np.exp(-math.log(10000.0) / (k - 1) * np.arange(k))[None]
    return np.concatenate([np.sin(a), np.cos(a)], 1)
marian._get_model_config = lambda m: yaml.safe_load(m["special:model.yml"].tobytes().rstrip(b"\0"))
marian._make_sinusoidal_position_encodings = positions
o = yaml.safe_load(np.load(npz)["special:model.yml"].tobytes().rstrip(b"\0"))
if job != "-":
    c = marian.MarianConverter(npz, [vocab, vocab])
    load = c._load
    def patched():
        s = load()
        s.config.layer_norm_epsilon = 1e-6
        if o["transformer-train-position-embeddings"]:
            s.encoder.scale_embeddings = s.decoder.scale_embeddings = False
        return s
    c._load = patched
    c.convert(out, force=True)
d = json.load(sys.stdin)
t = ctranslate2.Translator(out, device="cpu", compute_type="float32", intra_threads=1)
s = t.score_batch([x.split() for x in d["src"]], [x.split() for x in d["tgt"]])
h = t.translate_batch([x.split() for x in d["src"]], beam_size=1, max_decoding_length=60)
print(json.dumps({"scores": [sum(x.log_probs) for x in s], "text": [" ".join(x.hypotheses[0]) for x in h]}))
'''


def ct2(npz, vocab, out, src, tgt, convert=True):
    code = run(sys.executable, "-c", CT2_CODE, npz, vocab, out, "convert" if convert else "-", text=json.dumps({"src": src, "tgt": tgt}))
    return json.loads(code)


def alike(src, mine, his):
    """The same; or Marian was at the end of what it may say, where ttrans has a few tokens more."""
    if len(his.split()) >= 3 * (len(src.split()) + 1):
        return mine.split()[:len(his.split())] == his.split()
    return mine == his


def widest(a, b):
    return max(abs(x - y) for x, y in zip(a, b)) if len(a) == len(b) else math.inf


def one_kind(kind, n, ttrans, folder, peers, count):
    model, vocab = os.path.join(folder, "model.npz"), os.path.join(folder, "vocab.yml")
    ttm = os.path.join(folder, "model.ttm")
    make(kind, sum(map(ord, kind)), folder)
    src, tgt = sentences(n, 1), sentences(n, 2)
    run(ttrans, "import", "-q", "-o", ttm, folder)
    pairs = "".join(f"{s}\t{t}\n" for s, t in zip(src, tgt))
    ours = [float(x.split()[0]) for x in run(ttrans, "translate", "-q", "-m", ttm, "--threads", "1", "--score", text=pairs).split("\n") if x]
    ours1, ours4 = [run(ttrans, "translate", "-q", "-m", ttm, "--threads", "1", "-b", b, "-n", "1", "--max-length-factor", "3",
                        text="\n".join(src) + "\n").split("\n")[:n] for b in "14"]
    if kind == "learned":
        count.skip("learned: Marian 1.12 cannot run learned positions")
    elif peers["_pymarian"]:
        theirs = marian_scores(folder, src, tgt)
        gap = widest(ours, theirs)
        count.check(gap <= TOLERANCE, f"{kind}: forced log-probabilities within {gap:.1e} of Marian's, {n} pairs")
        if kind != "pre-norm":
            same = [sum(alike(*x) for x in zip(src, mine, marian_translate(folder, src, beam)))
                    for beam, mine in ((1, ours1), (4, ours4))]
            count.check(same[0] == n, f"{kind}: beam 1: {same[0]} of {n} lines are Marian's; beam 4: {same[1]}")
    else:
        count.skip(f"{kind}: no pymarian")
    if kind in CT2 and peers["ctranslate2"]:
        his = ct2(model, vocab, os.path.join(folder, "ct2"), src, tgt)
        gap = widest(ours, his["scores"])
        count.check(gap <= TOLERANCE, f"{kind}: forced log-probabilities within {gap:.1e} of CTranslate2's, {n} pairs")
        again = os.path.join(folder, "from-ct2.ttm")
        run(ttrans, "import", "-q", "-o", again, os.path.join(folder, "ct2"))
        a, b = ttm_tensors(ttrans, ttm), ttm_tensors(ttrans, again)
        count.check(a == b, f"{kind}: imported from CTranslate2's own conversion: the same {len(a)} tensors")
    elif kind in CT2:
        count.skip(f"{kind}: no ctranslate2")
    for form in ("safetensors", "marian", "ctranslate2"):
        if form == "ctranslate2" and kind in ("ssru", "average", "average-nogate"):
            continue
        out, back = os.path.join(folder, form), os.path.join(folder, form + ".ttm")
        run(ttrans, "export", "-q", "-f", form, "-o", out, ttm)
        run(ttrans, "import", "-q", "-o", back, out)
        count.check(ttm_tensors(ttrans, ttm) == ttm_tensors(ttrans, back), f"{kind}: {form} there and back, bit for bit")
        if form == "ctranslate2" and peers["ctranslate2"]:
            his = ct2(model, vocab, out, src, tgt, convert=False)
            gap = widest(ours, his["scores"])
            count.check(gap <= TOLERANCE, f"{kind}: exported to CTranslate2: forced log-probabilities within {gap:.1e}")
        if form == "marian" and peers["_pymarian"] and kind != "learned":
            gap = widest(ours, marian_scores(folder, src, tgt, os.path.join("marian", "model.npz")))
            count.check(gap <= TOLERANCE, f"{kind}: exported to Marian: forced log-probabilities within {gap:.1e}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--lines", type=int, default=200)
    p.add_argument("--keep")
    p.add_argument("--kinds", nargs="*", default=list(KINDS))
    p.add_argument("ttrans")
    a = p.parse_args()
    count = Count()
    peers = {m: have(m) for m in ("_pymarian", "ctranslate2")}
    folder = a.keep or tempfile.mkdtemp()
    try:
        for kind in a.kinds:
            try:
                one_kind(kind, a.lines, os.path.abspath(a.ttrans), os.path.join(folder, kind), peers, count)
            except RuntimeError as x:
                count.check(False, f"{kind}: {x}")
    finally:
        if not a.keep:
            shutil.rmtree(folder)
    print(f"import: {count.passed} passed, {count.failed} failed" + (f", {count.skipped} skipped" if count.skipped else ""))
    sys.exit(count.failed != 0)


main()
