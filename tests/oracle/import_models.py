#!/usr/bin/env python3
"""Imported models beside the programs they come from: small models of every kind, made here with random weights, and, if asked, real ones.

    PYTHON tests/oracle/import_models.py [--lines N] [--kinds KIND…] [--student FOLDER --text FILE] [--sizes] [--keep DIR] TTRANS

PYTHON has numpy; for the comparisons it needs pymarian, ctranslate2, and transformers with torch (what is missing is skipped, and
said). For each kind of model:

  npz         Marian's scorer, Marian's and CTranslate2's translations of the .npz against what ttrans imports from it
  bin         Marian's own converter: its float32 file is the same tensors; its intgemm8 and intgemm16 files against Marian on the
              .npz of the numbers in them; files laid out for one processor, packed or encrypted ones are refused
  ct2         CTranslate2's conversion of the .npz gives the same tensors
  marianmt    a MarianMTModel of transformers saved by itself, and ours exported
  round trip  export to each format and import again: the same tensors, bit for bit; what the other program makes of the export

--student: a Bergamot student's folder: Marian on the numbers of its 8-bit file, over the lines of TEXT. --sizes: what importing a
model of OPUS-MT's size takes.

Random weights repeat themselves up to the limit of length, which is not the same here and there, so of beam 4 only the count is told.
Marian translates with pre-norm models without the norm of keys and values (formats differ between its training and its
step-by-step search), so there only its scorer counts.

Prints a line for each check, a table of all comparisons, and ends with "import: N passed, N failed, N skipped".
"""

import argparse
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from outside import have, run

try:
    import numpy as np
except ImportError:
    print("skip import_models: no numpy\nimport: 0 passed, 0 failed, 1 skipped")
    sys.exit(0)

D, H, F, LAYERS, V = 32, 4, 64, 2, 64
TOLERANCE = 1e-3  # nats a pair
LIMIT = 3  # times the source: the longest translation
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
MT_EXPORTED = {"post-relu", "post-swish", "untied", "tied-decoder", "learned"}
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
    rows = []  # of the table

    def check(self, good, what):
        self.passed += bool(good)
        self.failed += not good
        print(("" if good else "FAIL ") + what, flush=True)

    def skip(self, what):
        self.skipped += 1
        print("skip", what, flush=True)

    def compare(self, source, kind, peer, ours, theirs, text=None, tolerance=TOLERANCE):
        """Log-probabilities of given pairs, and pairs of lists of translations at beam 1 and 4, of which the first must be the same."""
        gap = widest(ours, theirs)
        same = ["" if not t else sum(a == b for a, b in zip(*t)) for t in text or (None, None)]
        good = gap <= tolerance and same[0] in ("", len(ours))
        self.rows.append((source, kind, peer, len(ours), f"{gap:.1e}", *same))
        self.check(good, f"{kind}: {source} against {peer}: {len(ours)} pairs within {gap:.1e}" +
                   (f", lines the same at beam 1 {same[0]}, at beam 4 {same[1]}" if text else ""))

    def table(self):
        head = ("from", "model", "against", "lines", "largest gap", "beam 1", "beam 4")
        rows = [head] + [tuple(map(str, r)) for r in self.rows]
        wide = [max(len(r[i]) for r in rows) for i in range(len(head))]
        for r in rows:
            print("  ".join(x.ljust(w) if i < 3 else x.rjust(w) for i, (x, w) in enumerate(zip(r, wide))))


def widest(a, b):
    return max(abs(x - y) for x, y in zip(a, b)) if len(a) == len(b) else math.inf


# ---- ttrans

def ttm_tensors(ttrans, path):
    rows = [r.split() for r in run(ttrans, "info", "--tensors", path).split("\n")[1:] if r]
    return {r[0]: (r[1], r[3], r[4], r[8]) for r in rows if r[1] not in ("bytes", "type")}


def our_scores(ttrans, ttm, src, tgt):
    pairs = "".join(f"{s}\t{t}\n" for s, t in zip(src, tgt))
    out = run(ttrans, "translate", "-q", "-m", ttm, "--threads", "1", "--compute-type", "f32", "--score", text=pairs)
    return [float(x.split()[0]) for x in out.split("\n") if x]


def our_words(ttrans, ttm, src, beam):
    out = run(ttrans, "translate", "-q", "-m", ttm, "--threads", "1", "--compute-type", "f32", "-b", str(beam), "-n", "1",
              "--max-length-factor", str(LIMIT), text="\n".join(src) + "\n")
    return out.split("\n")[:len(src)]


def same_ends(src, mine, his):
    """His lines, where he was at the end of what he may say and we have a few tokens more: ours, if they begin alike."""
    out = []
    for s, m, h in zip(src, mine, his):
        n = len(h.split())
        out.append(m if n >= LIMIT * (len(s.split()) + 1) and m.split()[:n] == h.split() else h)
    return out


# ---- Marian

def marian(*args):
    return [sys.executable, "-c", "import sys, _pymarian; sys.exit(_pymarian.main(sys.argv[1:]))", *args]


def marian_scores(folder, src, tgt, model="model.npz", vocab="vocab.yml"):
    v = os.path.join(folder, vocab)
    for name, lines in (("src", src), ("tgt", tgt)):
        with open(os.path.join(folder, name), "w") as f:
            f.write("\n".join(lines) + "\n")
    out = run(*marian("score", "-m", os.path.join(folder, model), "-v", v, v, "-t", os.path.join(folder, "src"), os.path.join(folder, "tgt"),
                      "--cpu-threads", "1", "--quiet", "--workspace", "400", "--max-length", "500"))
    return [float(x) for x in out.split()]


def marian_words(folder, src, beam, model="model.npz", vocab="vocab.yml"):
    v = os.path.join(folder, vocab)
    out = run(*marian("decode", "-m", os.path.join(folder, model), "-v", v, v, "--cpu-threads", "1", "--quiet", "-b", str(beam),
                      "-n", "1", "--mini-batch", "1", "--maxi-batch", "1", "--workspace", "400", "--quiet-translation",
                      "--max-length-factor", str(LIMIT), "--max-length", "500"), text="\n".join(src) + "\n")
    return out.split("\n")[:len(src)]


def numbers_of(path):
    """The arrays of a Marian .bin, 8- and 16-bit matrices as the numbers they stand for."""
    with open(path, "rb") as f:
        b = f.read()
    n, = struct.unpack_from("<Q", b, 8)
    heads = [struct.unpack_from("<4Q", b, 16 + 32 * i) for i in range(n)]
    at, names, shapes, out = 16 + 32 * n, [], [], {}
    for h in heads:
        names.append(b[at:at + h[0] - 1].decode())
        at += h[0]
    for h in heads:
        shapes.append(struct.unpack_from("<%di" % h[2], b, at))
        at += 4 * h[2]
    at += 8 + struct.unpack_from("<Q", b, at)[0]
    for name, shape, (_, kind, _, size) in zip(names, shapes, heads):
        count = int(np.prod(shape))
        if kind in (0x10001, 0x10002, 0x4101, 0x4102):
            q = np.frombuffer(b, np.int8 if kind % 16 == 1 else np.int16, count, at)
            x = q.astype(np.float32) / np.frombuffer(b, np.float32, 1, at + q.nbytes)[0]
            out[name] = x.reshape(shape) if name.endswith("Wemb") else np.ascontiguousarray(x.reshape(shape[::-1]).T)
        elif kind in (0x404, 0x101):
            out[name] = np.frombuffer(b, np.float32 if kind == 0x404 else np.int8, count, at).reshape(shape)
        at += size
    return {k: x for k, x in out.items() if not k.endswith("_QuantMultA")}


# ---- CTranslate2

CT2_CODE = r"""
import sys, json, math, yaml, numpy as np, ctranslate2
from ctranslate2.converters import marian
npz, vocab, out, job, limit = sys.argv[1:6]
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
src = [x.split() for x in d["src"]]
s = t.score_batch(src, [x.split() for x in d["tgt"]])
def words(beam):
    out = []
    for x in src:
        h = t.translate_batch([x], beam_size=beam, length_penalty=1, disable_unk=True, min_decoding_length=0, max_decoding_length=int(limit) * (len(x) + 1) + 9)
        out.append(" ".join(h[0].hypotheses[0]))
    return out
print(json.dumps({"scores": [sum(x.log_probs) for x in s], "text": [words(1), words(4)]}))
"""


def ct2(npz, vocab, out, src, tgt, convert=True):
    return json.loads(run(sys.executable, "-c", CT2_CODE, npz, vocab, out, "convert" if convert else "-", str(LIMIT),
                          text=json.dumps({"src": src, "tgt": tgt})))


# ---- MarianMT

MT_CODE = r"""
import sys, json, torch
from transformers import MarianConfig, MarianMTModel
torch.set_num_threads(1)  # these models are small
folder, job, limit = sys.argv[1:4]
d = json.load(sys.stdin)
if job != "-":
    torch.manual_seed(7)
    model = MarianMTModel(MarianConfig(**json.loads(job)))
    for name, p in model.named_parameters():
        if "embed_positions" not in name:
            p.data += (0.15 if p.dim() > 1 else 0.2) * torch.randn(p.shape)
    pad = model.config.pad_token_id
    for table in (model.model.encoder.embed_tokens, model.model.decoder.embed_tokens, model.lm_head):
        table.weight.data[pad] = 0
    model.final_logits_bias[0] = 0.3 * torch.randn(model.final_logits_bias.shape[1])
    model.final_logits_bias[0, 0] += 2.5
    # A sign that turns the last states away from the embedding of the word said last, as below.
    model.model.decoder.layers[-1].final_layer_norm.weight.data *= torch.sign(torch.randn(model.config.d_model))
    model.save_pretrained(folder)
model = MarianMTModel.from_pretrained(folder, attn_implementation="eager").eval()
c = model.config
scores, text = [], [[], []]
with torch.no_grad():
    for s, t in zip(d["src"], d["tgt"]):
        y = torch.tensor([[c.decoder_start_token_id] + t[:-1]])
        z = model(input_ids=torch.tensor([s]), decoder_input_ids=y).logits[0]
        z[:, c.pad_token_id] = -1e30
        p = torch.log_softmax(z.double(), -1)
        scores.append(float(p[torch.arange(len(t)), torch.tensor(t)].sum()))
        for i, beam in enumerate((1, 4)):
            h = model.generate(torch.tensor([s]), num_beams=beam, max_new_tokens=int(limit) * len(s) + 9, do_sample=False,
                               length_penalty=1.0, early_stopping=False, bad_words_ids=[[c.pad_token_id], [1]],
                               pad_token_id=c.pad_token_id, eos_token_id=0, forced_eos_token_id=None)
            text[i].append([int(x) for x in h[0][1:] if int(x) not in (0, c.pad_token_id)])
print(json.dumps({"scores": scores, "text": text}))
"""
MT_KINDS = {"mt-swish": {"activation_function": "swish"}, "mt-relu": {"activation_function": "relu", "scale_embedding": False},
            "mt-gelu": {"activation_function": "gelu"}}


def marianmt(folder, src, tgt, config=None):
    ids = {p: i for i, p in enumerate(PIECES)}
    job = json.dumps(config) if config else "-"
    out = json.loads(run(sys.executable, "-c", MT_CODE, folder, job, str(LIMIT), text=json.dumps(
        {side: [[ids[w] for w in x.split()] + [0] for x in lines] for side, lines in (("src", src), ("tgt", tgt))})))
    out["text"] = [[" ".join(PIECES[i] for i in x) for x in t] for t in out["text"]]
    return out


def mt_kind(kind, n, ttrans, folder, count):
    os.makedirs(folder, exist_ok=True)
    config = dict(vocab_size=V + 1, decoder_vocab_size=V + 1, d_model=D, encoder_layers=2, decoder_layers=2, encoder_attention_heads=H,
                  decoder_attention_heads=H, encoder_ffn_dim=F, decoder_ffn_dim=F, max_position_embeddings=256, scale_embedding=True,
                  pad_token_id=V, eos_token_id=0, decoder_start_token_id=V, forced_eos_token_id=0)
    config.update(MT_KINDS[kind])
    src, tgt = sentences(n, 1), sentences(n, 2)
    his = marianmt(folder, src, tgt, config)
    with open(os.path.join(folder, "vocab.json"), "w") as f:
        json.dump({p: i for i, p in enumerate(PIECES + ["<pad>"])}, f)
    ttm = os.path.join(folder, "model.ttm")
    run(ttrans, "import", "-q", "-o", ttm, folder)
    mine = [our_words(ttrans, ttm, src, b) for b in (1, 4)]
    count.compare("safetensors", kind, "MarianMT", our_scores(ttrans, ttm, src, tgt), his["scores"],
                  [(a, same_ends(src, a, b)) for a, b in zip(mine, his["text"])])
    out, back = os.path.join(folder, "out"), os.path.join(folder, "back.ttm")
    run(ttrans, "export", "-q", "-o", out, ttm)
    run(ttrans, "import", "-q", "-o", back, out)
    count.check(ttm_tensors(ttrans, ttm) == ttm_tensors(ttrans, back), f"{kind}: safetensors there and back, bit for bit")


# ---- all that is asked of one kind of model

def check_bins(kind, ttrans, folder, ttm, src, tgt, count):
    """Marian's own binary files."""
    npz, vocab = os.path.join(folder, "model.npz"), os.path.join(folder, "vocab.yml")
    for gemm in ("float32", "intgemm8", "intgemm16"):
        binary, back = os.path.join(folder, gemm + ".bin"), os.path.join(folder, gemm + ".ttm")
        run(*marian("convert", "-f", npz, "-t", binary, "-g", gemm))
        run(ttrans, "import", "-q", "-v", vocab, "-o", back, binary)
        if gemm == "float32":
            count.check(ttm_tensors(ttrans, ttm) == ttm_tensors(ttrans, back), f"{kind}: Marian's float32 .bin is the same tensors")
            continue
        plain = gemm + ".npz"
        np.savez(os.path.join(folder, plain), **numbers_of(binary))
        count.compare("bin, " + gemm, kind, "Marian", our_scores(ttrans, back, src, tgt), marian_scores(folder, src, tgt, plain),
                      [(a, same_ends(src, a, b)) for a, b in ((our_words(ttrans, back, src, beam), marian_words(folder, src, beam, plain))
                                                              for beam in (1, 4))] if kind != "pre-norm" else None)
    if kind != "post-relu":
        return
    with open(os.path.join(folder, "key"), "w") as f:
        f.write("0123456789abcdef" * 4)
    for name, how, message in (("packed16", ["-g", "packed16"], "packed16 (FBGEMM)"), ("packed8", ["-g", "packed8avx2"], "packed8 for AVX2"),
                               ("tiled", ["-g", "intgemm8avx2"], "laid out for one kind of processor"),
                               ("encrypted", ["--encryption-key-path", os.path.join(folder, "key")], "encrypted")):
        binary = os.path.join(folder, name + ".bin")
        run(*marian("convert", "-f", npz, "-t", binary, *how))
        r = subprocess.run([ttrans, "import", "-v", vocab, "-o", os.path.join(folder, "no.ttm"), binary], capture_output=True, text=True)
        count.check(r.returncode == 65 and message in r.stderr and r.stderr.count("\n") == 1, f"Marian's {name} file is refused: {r.stderr.strip()}")


def one_kind(kind, n, ttrans, folder, peers, count):
    model, vocab = os.path.join(folder, "model.npz"), os.path.join(folder, "vocab.yml")
    ttm = os.path.join(folder, "model.ttm")
    make(kind, sum(map(ord, kind)), folder)
    src, tgt = sentences(n, 1), sentences(n, 2)
    run(ttrans, "import", "-q", "-o", ttm, folder)
    ours, mine = our_scores(ttrans, ttm, src, tgt), [our_words(ttrans, ttm, src, b) for b in (1, 4)]

    def against(his):
        return [(a, same_ends(src, a, b)) for a, b in zip(mine, his)]
    if kind == "learned":
        count.skip("learned: Marian 1.12 cannot run learned positions")
    elif peers["marian"]:
        text = None if kind == "pre-norm" else against([marian_words(folder, src, b) for b in (1, 4)])
        count.compare("npz", kind, "Marian", ours, marian_scores(folder, src, tgt), text)
        check_bins(kind, ttrans, folder, ttm, src, tgt, count)
    else:
        count.skip(f"{kind}: no pymarian")
    if kind in CT2 and peers["ctranslate2"]:
        his = ct2(model, vocab, os.path.join(folder, "ct2"), src, tgt)
        count.compare("ct2", kind, "CTranslate2", ours, his["scores"], against(his["text"]))
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
            count.compare("our ct2", kind, "CTranslate2", ours, his["scores"], against(his["text"]))
        if form == "safetensors" and peers["marianmt"] and kind in MT_EXPORTED:
            few = min(n, 20)  # it takes its time
            his = marianmt(out, src[:few], tgt[:few])
            count.compare("our safetensors", kind, "MarianMT", ours[:few], his["scores"],
                          [(a[:few], same_ends(src, a[:few], b)) for a, b in zip(mine, his["text"])])
        if form == "marian" and peers["marian"] and kind != "learned":
            count.compare("our npz", kind, "Marian", ours, marian_scores(folder, src, tgt, os.path.join("marian", "model.npz")))


def one_student(source, text, n, ttrans, folder, count):
    """A Bergamot student: its own binary file against Marian on the numbers in it."""
    os.makedirs(folder, exist_ok=True)
    files = {end: next(os.path.join(source, f) for f in sorted(os.listdir(source)) if f.endswith(end) and ("lex" not in f))
             for end in (".bin", ".spm")}
    shutil.copy(files[".spm"], os.path.join(folder, "vocab.spm"))
    np.savez(os.path.join(folder, "model.npz"), **numbers_of(files[".bin"]))
    ttm, name = os.path.join(folder, "model.ttm"), os.path.basename(os.path.normpath(source))
    run(ttrans, "import", "-q", "-o", ttm, source)
    with open(text) as f:
        src = [x.strip() for x in f if x.strip()][:n]
    mine = [our_words(ttrans, ttm, src, b) for b in (1, 4)]
    his = [marian_words(folder, src, b, vocab="vocab.spm") for b in (1, 4)]
    count.compare("bin, Bergamot's int8", name, "Marian", our_scores(ttrans, ttm, src, mine[0]),
                  marian_scores(folder, src, mine[0], vocab="vocab.spm"), list(zip(mine, his)),
                  2 * TOLERANCE)  # Marian's own rounding: in 64 bits, 1.7e-3 off where ttrans is 1.2e-4 off


# ---- sizes and times

def sizes(ttrans, folder, peers):
    """Importing a model of OPUS-MT's size: 6+6 layers of 512, 58,101 pieces."""
    global D, H, F, LAYERS, V, PIECES
    D, H, F, LAYERS, V = 512, 8, 2048, 6, 58101
    PIECES = ["</s>", "<unk>"] + [f"w{i}" for i in range(2, V)]
    source = os.path.join(folder, "npz")
    make("post-swish", 1, source)
    jobs = [("npz", source)]
    first = os.path.join(folder, "first.ttm")
    run(ttrans, "import", "-q", "-o", first, source)
    for form in ("safetensors", "ctranslate2"):
        run(ttrans, "export", "-q", "-f", form, "-o", os.path.join(folder, form), first)
        jobs.append((form, os.path.join(folder, form)))
    for gemm in ("float32", "intgemm8") if peers["marian"] else ():
        to = os.path.join(folder, "bin-" + gemm)
        os.makedirs(to)
        run(*marian("convert", "-f", os.path.join(source, "model.npz"), "-t", os.path.join(to, "model.bin"), "-g", gemm))
        shutil.copy(os.path.join(source, "vocab.yml"), to)
        jobs.append(("bin " + gemm, to))
    print("source, MB; then for each storage of the model file: seconds, MB")
    for name, path in jobs:
        line = f"{name:14} {sum(os.path.getsize(os.path.join(path, f)) for f in os.listdir(path)) / 1e6:7.1f}"
        for store in ("f32", "f16", "int8"):
            out, start = os.path.join(folder, "out.ttm"), time.monotonic()
            run(ttrans, "import", "-q", "--store", store, "-o", out, path)
            line += f"   {store} {time.monotonic() - start:5.2f} s {os.path.getsize(out) / 1e6:6.1f}"
            os.remove(out)
        print(line, flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--lines", type=int, default=200)
    p.add_argument("--keep")
    p.add_argument("--kinds", nargs="*", default=list(KINDS) + list(MT_KINDS))
    p.add_argument("--student")
    p.add_argument("--text")
    p.add_argument("--sizes", action="store_true")
    p.add_argument("ttrans")
    a = p.parse_args()
    count, ttrans = Count(), os.path.abspath(a.ttrans)
    peers = {"marian": have("_pymarian"), "ctranslate2": have("ctranslate2"), "marianmt": have("transformers", "torch")}
    folder = a.keep or tempfile.mkdtemp()
    try:
        for kind in a.kinds:
            try:
                if kind in KINDS:
                    one_kind(kind, a.lines, ttrans, os.path.join(folder, kind), peers, count)
                elif peers["marianmt"]:
                    mt_kind(kind, a.lines, ttrans, os.path.join(folder, kind), count)
                else:
                    count.skip(f"{kind}: no transformers with torch")
            except RuntimeError as x:
                count.check(False, f"{kind}: {x}")
        if a.student and peers["marian"]:
            one_student(a.student, a.text, max(a.lines, 1000), ttrans, os.path.join(folder, "student"), count)
        if a.sizes:
            sizes(ttrans, os.path.join(folder, "sizes"), peers)
    finally:
        if not a.keep:
            shutil.rmtree(folder)
    count.table()
    print(f"import: {count.passed} passed, {count.failed} failed" + (f", {count.skipped} skipped" if count.skipped else ""))
    sys.exit(count.failed != 0)


main()
