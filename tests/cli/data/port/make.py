#!/usr/bin/env python3
"""Small models of other programs, good and bad, for tests/cli/import.case and the fuzzers' corpus.

    python3 tests/cli/data/port/make.py       # writes its files beside itself; needs nothing but Python

The model: width 8, 2 heads, feed-forward 16, one layer each side, 16 pieces, every number a multiple of 1/8 drawn by a fixed
rule, so that the files are small once deflated and the same everywhere.
"""

import gzip
import io
import json
import math
import os
import struct
import zipfile
import zlib

D, F, V, HEADS = 8, 16, 16, 2
PIECES = ["</s>", "<unk>"] + ["\u2581" + c for c in "abcdefg"] + list("hijklmn")
HERE = os.path.dirname(os.path.abspath(__file__))
state = 1


def draw(n):
    global state
    out = []
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2**31
        out.append(((state >> 16) % 15 - 7) / 8)
    return out


def tensors():
    t = {"Wemb": ((V, D), draw(V * D)), "decoder_ff_logit_out_b": ((1, V), draw(V))}

    def square(name, rows=D, cols=D):
        t[name] = ((rows, cols), draw(rows * cols))

    def vector(name, n=D, value=None):
        t[name] = ((1, n), draw(n) if value is None else [value] * n)

    for side in ("encoder", "decoder"):
        blocks = ["self"] + (["context"] if side == "decoder" else [])
        for b in blocks:
            for m in "qkvo":
                square(f"{side}_l1_{b}_W{m}")
                vector(f"{side}_l1_{b}_b{m}")
            vector(f"{side}_l1_{b}_Wo_ln_scale", value=1)
            vector(f"{side}_l1_{b}_Wo_ln_bias")
        square(f"{side}_l1_ffn_W1", D, F)
        vector(f"{side}_l1_ffn_b1", F)
        square(f"{side}_l1_ffn_W2", F, D)
        vector(f"{side}_l1_ffn_b2")
        vector(f"{side}_l1_ffn_ffn_ln_scale", value=1)
        vector(f"{side}_l1_ffn_ffn_ln_bias")
    return t


OPTIONS = {"type": "transformer", "dim-emb": D, "dim-vocabs": f"[{V}, {V}]", "enc-depth": 1, "dec-depth": 1,
           "transformer-heads": HEADS, "transformer-dim-ffn": F, "transformer-ffn-activation": "relu",
           "tied-embeddings-all": "true", "transformer-postprocess": "dan", "transformer-preprocess": '""',
           "version": "v1.12.0"}


def yml(**more):
    o = {**OPTIONS, **{k.replace("_", "-"): v for k, v in more.items()}}
    return "".join(f"{k}: {v}\n" for k, v in sorted(o.items())).encode() + b"\0"


def npy(shape, data, descr="<f4", fortran=False):
    head = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
    head = head.ljust(117) + "\n"
    body = data if isinstance(data, bytes) else struct.pack("<%d%s" % (len(data), {"<f4": "f", "<f8": "d"}[descr]), *data)
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() + body


def members(t, options):
    m = {k + ".npy": npy(s, d) for k, (s, d) in t.items()}
    m["special:model.yml.npy"] = npy((len(options),), options, "|i1")
    return m


def zipped(m, method=zipfile.ZIP_DEFLATED):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", method) as z:
        for name, data in m.items():
            z.writestr(zipfile.ZipInfo(name), data, method)
    return f.getvalue()


def zip64(m):
    """The same with every size and place in 64 bits, and the end of its directory too."""
    body, central = b"", b""
    for name, data in m.items():
        n, at, crc = name.encode(), len(body), zlib.crc32(data)
        head = struct.pack("<5HI2I", 45, 0, 0, 0, 0x21, crc, 2**32 - 1, 2**32 - 1)
        body += b"PK\3\4" + head + struct.pack("<2H", len(n), 20) + n + struct.pack("<2H2Q", 1, 16, len(data), len(data)) + data
        central += b"PK\1\2" + struct.pack("<H", 45) + head + struct.pack("<5H2I", len(n), 28, 0, 0, 0, 0, 2**32 - 1) + n
        central += struct.pack("<2H3Q", 1, 24, len(data), len(data), at)
    end = len(body) + len(central)
    central += b"PK\6\6" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, len(m), len(m), len(central), len(body))
    central += b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
    return body + central + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)


def marian_bin(items, version=1):
    """items: (name, type, shape, bytes)"""
    head, names, shapes, body = b"", b"", b"", b""
    for name, kind, shape, data in items:
        data += bytes(-len(data) % 256)
        head += struct.pack("<4Q", len(name) + 1, kind, len(shape), len(data))
        names += name.encode() + b"\0"
        shapes += struct.pack("<%di" % len(shape), *shape)
        body += data
    before = struct.pack("<2Q", version, len(items)) + head + names + shapes
    pad = -(len(before) + 8) % 256
    return before + struct.pack("<Q", pad) + bytes(pad) + body


def floats(t):
    return [(k, 0x404, s, struct.pack("<%df" % len(d), *d)) for k, (s, d) in t.items()]


def int8(t, kind=0x4101):
    """Matrices as Bergamot keeps them: 8 numbers a unit, transposed except the embeddings."""
    out = []
    for k, (s, d) in t.items():
        if k != "Wemb" and "_W" not in k or "_ln_" in k:
            out.append((k, 0x404, s, struct.pack("<%df" % len(d), *d)))
            continue
        q = [int(x * 8) for x in d]
        if k != "Wemb":
            q = [q[r * s[1] + c] for c in range(s[1]) for r in range(s[0])]
        out.append((k, kind, s, struct.pack("<%db" % len(q), *q) + struct.pack("<f", 8)))
    return out


def padded(t, width=16):
    """As Marian's converter writes matrices whose first dimension is no multiple of its processor's width."""
    (rows, cols), d = t["encoder_l1_ffn_W1"]
    q = []
    for c in range(cols):
        q += [int(d[r * cols + c] * 8) for r in range(rows)] + [0] * (-rows % width)
    return [("encoder_l1_ffn_W1", 0x10001, (rows, cols), struct.pack("<%db" % (rows * cols), *q[:rows * cols]) + struct.pack("<f", 8))]


def options_item(**more):
    o = yml(**more)
    return [("special:model.yml", 0x101, (len(o),), o)]


def safetensors(entries, data):
    head = json.dumps(entries).encode()
    return struct.pack("<Q", len(head)) + head + data


def ct2(variables, aliases=(), version=6):
    def s(x):
        return struct.pack("<H", len(x) + 1) + x.encode() + b"\0"
    out = struct.pack("<I", version) + s("TransformerSpec") + struct.pack("<II", 7, len(variables))
    for name, (shape, kind, data) in sorted(variables.items()):
        out += s(name) + struct.pack("<B%dI" % len(shape), len(shape), *shape) + struct.pack("<BI", kind, len(data)) + data
    out += struct.pack("<I", len(aliases))
    return out + b"".join(s(a) + s(b) for a, b in aliases)


def ct2_model(t):
    v = {}

    def put(name, d, shape):
        v[name] = (shape, 0, struct.pack("<%df" % len(d), *d))

    def turned(k):
        s, d = t[k]
        return [d[r * s[1] + c] for c in range(s[1]) for r in range(s[0])]

    def norm(name, k):
        put(name + "/gamma", t[k + "_ln_scale"][1], (D,))
        put(name + "/beta", t[k + "_ln_bias"][1], (D,))

    def linear(name, base, parts, rows, cols):
        put(name + "/weight", sum((turned(f"{base}_W{p}") for p in parts), []), (rows, cols))
        put(name + "/bias", sum((t[f"{base}_b{p}"][1] for p in parts), []), (rows,))

    for side in ("encoder", "decoder"):
        at = f"{side}/layer_0"
        base = f"{side}_l1_self"
        linear(at + "/self_attention/linear_0", base, "qkv", 3 * D, D)
        linear(at + "/self_attention/linear_1", base, "o", D, D)
        norm(at + "/self_attention/layer_norm", base + "_Wo")
        if side == "decoder":
            base = f"{side}_l1_context"
            linear(at + "/attention/linear_0", base, "q", D, D)
            linear(at + "/attention/linear_1", base, "kv", 2 * D, D)
            linear(at + "/attention/linear_2", base, "o", D, D)
            norm(at + "/attention/layer_norm", base + "_Wo")
        linear(at + "/ffn/linear_0", f"{side}_l1_ffn", "1", F, D)
        linear(at + "/ffn/linear_1", f"{side}_l1_ffn", "2", D, F)
        norm(at + "/ffn/layer_norm", f"{side}_l1_ffn_ffn")
        v[side + "/num_heads"] = ((), 2, struct.pack("<h", HEADS))
        v[side + "/pre_norm"] = ((), 1, b"\0")
    put("decoder/embeddings/weight", t["Wemb"][1], (V, D))
    put("decoder/projection/bias", t["decoder_ff_logit_out_b"][1], (V,))
    angles = [[p * math.exp(-math.log(10000) * i / (D // 2 - 1)) for i in range(D // 2)] for p in range(64)]
    put("decoder/position_encodings/encodings", [f(a) for row in angles for f in (math.sin, math.cos) for a in row], (64, D))
    v["decoder/start_from_zero_embedding"] = ((), 1, b"\1")
    return v, [("decoder/projection/weight", "decoder/embeddings/weight"),
               ("encoder/embeddings_0/weight", "decoder/embeddings/weight"),
               ("encoder/position_encodings/encodings", "decoder/position_encodings/encodings")]


OLD = {"self_attention/": "multi_head/", "attention/": "multi_head/", "layer_norm": "LayerNorm", "linear_0": "conv1d",
       "linear_": "conv1d_", "projection/": "dense/", "embeddings_0/weight": "w_embs", "embeddings/weight": "w_embs", "weight": "kernel"}


def ct2_old(variables, aliases):
    """Version 1: OpenNMT-tf's names, no options, no aliases, the width of a number before their count."""
    v = {k: x for k, x in variables.items() if x[0] and "encodings" not in k}
    v.update({a: v[b] for a, b in aliases if b in v})
    out = struct.pack("<II", 1, len(v))
    for name, (shape, _, data) in v.items():
        if name.startswith("decoder"):
            name = name.replace("self_attention/", "masked_multi_head/")
        for new, old in OLD.items():
            name = name.replace(new, old)
        name = b"transformer/" + name.encode() + b":0\0"
        out += struct.pack("<H", len(name)) + name + struct.pack("<B%dI" % len(shape), len(shape), *shape)
        out += struct.pack("<BI", 4, len(data) // 4) + data
    return out


def shortlist(sources, targets, per=2, first=2):
    off = [min(i * per, sources * per) for i in range(sources + 1)]
    ids = sorted(i % targets for i in range(sources * per))
    body = struct.pack("<QQQQ", first, per, len(off), len(ids)) + struct.pack("<%dQ" % len(off), *off)
    body += struct.pack("<%dI" % len(ids), *ids)
    h = 0
    for i in range(0, len(body) // 8 * 8, 8):
        w, = struct.unpack_from("<Q", body, i)
        h ^= (w + 0x9E3779B9 + (h << 6) + (h >> 2)) % 2**64
        h %= 2**64
    return struct.pack("<QQ", 0xF11A48D5013417F5, h) + body


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def patched(z, name, at, value):
    """The ZIP with two bytes more in the directory's record of a member changed."""
    z = bytearray(z)
    i = 0
    while True:
        i = z.index(b"PK\1\2", i)
        n, = struct.unpack_from("<H", z, i + 28)
        if z[i + 46:i + 46 + n] == name.encode():
            struct.pack_into("<I", z, i + at, value)
            return bytes(z)
        i += 4


def main():
    t = tensors()
    m = members(t, yml())
    write("good.npz", zipped(m))
    write("zip64.npz", zip64(m))
    decoder = "relative-paths: true\nmodels:\n  - opus.npz\nvocabs:\n  - opus.vocab.yml\n  - opus.vocab.yml\nbeam-size: 6\nnormalize: 1\n"
    opus = {"opus.npz": zipped(m), "opus.vocab.yml": "".join(json.dumps(p) + f": {i}\n" for i, p in enumerate(PIECES)).encode(),
            "decoder.yml": decoder.encode(), "README.md": b"a model", "preprocess.sh": b"#!/bin/sh\n", "source.tcmodel": b""}
    write("opus.zip", zipped(opus))
    write("bpe.zip", zipped({"old/" + k: x for k, x in {**opus, "source.bpe": b"#version: 0.2\n", "target.bpe": b"#version: 0.2\n"}.items()}))
    write("../../../fuzz/corpus/zip/zip64", zip64({"a.npy": npy((2,), [1, 2]), "b": b"b"}))
    write("vocab.yml", "".join(json.dumps(p, ensure_ascii=False) + f": {i}\n" for i, p in enumerate(PIECES)).encode())
    write("short.yml", "".join(json.dumps(p, ensure_ascii=False) + f": {i}\n" for i, p in enumerate(PIECES[:9])).encode())
    write("good.bin", marian_bin(floats(t) + options_item()))
    half = {k: (s, struct.pack("<%de" % len(d), *d)) for k, (s, d) in t.items()}
    write("half.bin.gz", gzip.compress(marian_bin([(k, 0x402, s, d) for k, (s, d) in half.items()] + options_item()), mtime=0))
    write("half.npz", zipped({**m, **{k + ".npy": npy(s, d, "<f2") for k, (s, d) in half.items()}}))
    write("int8.bin.gz", gzip.compress(marian_bin(int8(t) + options_item()), mtime=0))
    write("upstream8.bin.gz", gzip.compress(marian_bin(int8(t, 0x10001) + options_item()), mtime=0))
    # bad ones
    write("encrypted.bin", marian_bin([("Wemb", 0x404, (1, 1), b"\0" * 4)], 2))
    write("packed.bin", marian_bin([("Wemb", 0x1801, (16, 8), b"\0" * 256)] + options_item()))
    write("padded.bin", marian_bin(padded(t) + options_item()))
    write("tiled.bin", marian_bin([("Wemb", 0x11001, (16, 8), b"\0" * 256)] + options_item()))
    write("fortran.npz", zipped({**m, "Wemb.npy": npy((V, D), t["Wemb"][1], fortran=True)}))
    write("complex.npz", zipped({**m, "Wemb.npy": npy((V, D), bytes(8 * V * D), "<c8")}))
    write("whole.npz", zipped({**m, "Wemb.npy": npy((V, D), bytes(4 * V * D), "<i4")}))
    write("missing.npz", zipped({k: x for k, x in m.items() if k != "encoder_l1_ffn_W2.npy"}))
    write("surplus.npz", zipped({**m, "encoder_l2_ffn_W2.npy": npy((F, D), t["encoder_l1_ffn_W2"][1])}))
    write("shape.npz", zipped(members(t, yml(transformer_dim_ffn=24))))
    write("unknown.npz", zipped(members(t, yml(transformer_magic="true"))))
    write("factors.npz", zipped(members(t, yml(lemma_dim_emb=64))))
    write("rms.npz", zipped(members(t, yml(transformer_postprocess="dar"))))
    write("climb.zip", zipped({"../model.npz": b"x", "README": b"y"}))
    lies = zipped({"README": b"a" * 1000})
    write("lies.zip", patched(lies, "README", 24, 2**31))
    write("less.zip", patched(lies, "README", 24, 999))
    two = zipped({"a": b"a" * 100, "b": b"b" * 100}, zipfile.ZIP_STORED)
    write("overlap.zip", patched(patched(two, "a", 20, 140), "a", 24, 140))
    write("shortlist.bin", shortlist(V, V))
    write("shortlist-other.bin", shortlist(V + 4, V))
    one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    write("overlap.safetensors", safetensors({"a": one, "b": {**one, "data_offsets": [4, 12]}}, bytes(12)))
    write("outside.safetensors", safetensors({"a": one, "b": {**one, "data_offsets": [8, 16]}}, bytes(12)))
    write("gap.safetensors", safetensors({"a": one, "b": {**one, "data_offsets": [12, 20]}}, bytes(20)))
    v, aliases = ct2_model(t)
    os.makedirs(os.path.join(HERE, "ct2"), exist_ok=True)
    write("ct2/model.bin", ct2(v, aliases))
    write("ct2/shared_vocabulary.json", json.dumps(PIECES, ensure_ascii=False).encode())
    write("ct2/config.json", b'{"add_source_eos": true, "layer_norm_epsilon": 1e-06}')
    os.makedirs(os.path.join(HERE, "ct2-v1"), exist_ok=True)
    write("ct2-v1/model.bin", ct2_old(v, aliases))
    for side in ("source", "target"):
        write(f"ct2-v1/{side}_vocabulary.txt", "".join(p + "\n" for p in PIECES[:-1] + ["<s>"]).encode())
    write("alibi.ct2", ct2({**v, "decoder/alibi": ((), 1, b"\1")}, aliases))
    write("unknown.ct2", ct2({**v, "decoder/sliding_window": ((), 3, struct.pack("<i", 4))}, aliases))
    write("dangling.ct2", ct2(v, [("decoder/projection/weight", "decoder/embedding/weight")]))


main()
