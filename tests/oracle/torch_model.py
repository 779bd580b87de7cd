#!/usr/bin/env python3
"""Numbers of a tiny Transformer, computed by PyTorch in double precision, for tests/grad.

    python3 tests/oracle/torch_model.py tests/golden [VARIANT...]      # needs torch, entmax; writes torch_*.dump

The model, equation by equation (D=16, H=2, F=32, V=24, 2 encoder layers, 1 decoder layer):

  linear          y = x W^T + b, W (out, in)
  positions       p(t, i) = sin(t w_i) for i < D/2, p(t, D/2 + i) = cos(t w_i),
                  w_i = 10000^(-i / (D/2 - 1))
  encoder input   sqrt(D) emb[id_t] + p(t)
  decoder input   sqrt(D) emb[id_(t-1)] + p(t); the vector of the token before the first is zero
  attention       softmax(q k^T / sqrt(K)) v over H heads of K = D/H columns, then o; the
                  decoder's self-attention sees positions up to its own
  feed-forward    y = W2 act(W1 x + b1) + b2; act: relu, gelu (with erf), swish (x sigmoid x)
  post-norm       x = LN(x + f(x)) around each of the three
  pre-norm        x = x + f(LN(x)), and enc.norm, dec.norm on top; LN has eps 1e-6
  no norm         x = x + f(x); the values scaled as Huang et al. 2020 start them (T-Fixup)
  deep norm       x = LN(a x + f(x)), a and the values as in Wang et al. 2022 (DeepNet)
  rms             in place of LN: x / sqrt(mean x^2 + eps) g, no bias
  rotary          no p(t); columns (2i, 2i+1) of a head of q and k of self-attention, as a complex
                  number, times exp(i t 10000^(-2i / K))                    (Su et al. 2021)
  alibi           no p(t); scores of self-attention get -2^(-8 (h + 1) / H) |j - i|
  relative        no p(t); scores of self-attention get position.w[h, bucket(j - i)], 32 buckets up
                  to a distance of 128, half of them for j > i in the encoder (Raffel et al. 2020)
  attend          in place of softmax(q k^T / sqrt(K)): rows of torch_attend.py for each site
  bare            no projections: q, k and v are the states, and what attends is the result
  gated           f = W2 (act(W x + b) * (V x + c)), W above V in ffn.1.w: swiglu, geglu, glu
  logits          x emb^T + out_b, the same emb in all three places
  loss            sum over target tokens of 0.9 nll + 0.1 (lse - mean of the logits),
                  divided by their number
  update          Adam, lr 1e-3, betas 0.9 0.98, eps 1e-9, biases corrected

torch_init.dump holds the batch (src.off, src.ids, tgt.off, tgt.ids: sentences end to end, id 0 is
the end of a sentence) and init.NAME for every parameter of the first three variants; post-norm models do without enc.norm
and dec.norm. torch_VARIANT.dump holds init.NAME of parameters that start otherwise, losses (1, 11) after 0 ... 10 updates, grad.NAME at the start and
final.NAME after ten updates; of attention's rows without the last.

A dump is a row of records: a line "tensor NAME ROWS COLS", ROWS * COLS little-endian floats of 32
bits, a newline. tests/oracle/dump.h reads it.

The gradient of every k.b is zero but for rounding, because softmax does not see what is added to
all its inputs, and Adam turns rounding into steps of any size up to lr: final.*.k.b says nothing
about an implementation. The seed is chosen so that all other gradients are either exactly zero or
far above the rounding of 32 bits.
"""

import math
import struct
import sys

import torch

import torch_attend

D, H, F, V, ENC, DEC = 16, 2, 32, 24, 2, 1
SRC = [[5, 7, 3, 0], [9, 2, 11, 4, 6, 8, 2, 0], [12, 0]]
TGT = [[4, 10, 0], [1, 3, 22, 5, 9, 9, 0], [7, 8, 2, 23, 0]]


def rows(*sites):
    """A choice for each site, from "additive,dim=6" and the like."""
    def read(text):
        name, *own = text.split(",")
        value = lambda x: int(x) if x.isdigit() else float(x) if x[0].isdigit() else x
        return name, {k: value(x) for k, x in (o.split("=") for o in own)}
    return {site: dict(zip(("align", "dist", "reach"), map(read, row)))
            for site, row in zip(("enc", "dec", "cross"), sites)}


VARIANTS = {  # name: what differs from post-norm with relu
    "post_relu": {},
    "pre_gelu": {"order": "pre", "act": "gelu"},
    "post_swish": {"act": "swish"},
    "t_fixup": {"order": "none"},
    "deep_relative": {"order": "deep", "positions": "relative"},
    "rms_rotary_swiglu": {"order": "pre", "norm": "rms", "positions": "rotary", "act": "swish", "gated": True},
    "post_alibi_geglu": {"positions": "alibi", "act": "gelu", "gated": True},
    "rms_glu": {"norm": "rms", "act": "sigmoid", "gated": True},
    "attend_hidden": {"attend": rows(("additive,dim=6", "sparsemax", "global"), ("cosine,strength=0", "entmax15", "local,window=2"),
                                     ("general", "entmax,alpha=0", "local-p,window=2"))},
    "attend_places": {"attend": rows(("location", "smooth", "blocks,size=2,memory=1"), ("feature", "softmax", "dynamic-span,max=6,ramp=2.3"),
                                     ("deep,activation=tanh,depth=4,dim=5", "sigmoid,bias=length", "local-m,window=1"))},
    "attend_signed": {"order": "pre", "attend": rows(("scaled-dot", "de-attention", "strided,stride=2"), ("scaled-dot", "de-attention,gate=scale", "global"),
                                                     ("kernel,map=relu,features=6", "softmax", "global"))},
    "attend_each": {"attend": rows(("multi-dimensional", "softmax", "adaptive-span,max=8,ramp=2.2"), ("multi-dimensional,dim=4,activation=sigmoid", "sparsemax", "fixed,stride=2"),
                                   ("biased-general", "entmax,alpha=1.3", "global"))},
    "attend_bent": {"order": "pre", "attend": rows(("activated-general", "softmax", "global"), ("kernel,map=elu", "softmax", "global"),
                                                   ("feature,window=5,activation=sigmoid", "sigmoid", "global"))},
    "attend_features": {"attend": rows(("kernel,map=positive,features=6", "softmax", "global"), ("additive,activation=sigmoid", "smooth", "global"),
                                       ("cosine,strength=2", "sparsemax", "global"))},
    "attend_bare": {"bare": True, "attend": rows(("dot", "softmax", "global"), ("dot", "entmax15", "global"), ("dot", "softmax", "global"))},
}
USUAL = {"order": "post", "norm": "layer", "act": "relu", "positions": "marian", "gated": False, "attend": None, "bare": False}
LONGEST = 16
ACTS = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))),
    "swish": lambda x: x * torch.sigmoid(x),
}


def shapes():
    yield "emb", (V, D)
    yield "out_b", (1, V)
    blocks = [(f"enc.{i}", ("self",)) for i in range(ENC)]
    blocks += [(f"dec.{i}", ("self", "cross")) for i in range(DEC)]
    for block, attentions in blocks:
        for a in attentions:
            for m in "qkvo":
                yield f"{block}.{a}.{m}.w", (D, D)
                yield f"{block}.{a}.{m}.b", (1, D)
            yield f"{block}.{a}.norm.g", (1, D)
            yield f"{block}.{a}.norm.b", (1, D)
        yield f"{block}.ffn.1.w", (F, D)
        yield f"{block}.ffn.1.b", (1, F)
        yield f"{block}.ffn.2.w", (D, F)
        yield f"{block}.ffn.2.b", (1, D)
        yield f"{block}.ffn.norm.g", (1, D)
        yield f"{block}.ffn.norm.b", (1, D)
    for side in ("enc", "dec"):
        yield f"{side}.norm.g", (1, D)
        yield f"{side}.norm.b", (1, D)


def initial(seed):
    """Random everywhere, gains and biases too, so that no term can go missing unseen. Rounded to
    32 bits, so that everyone starts from the same numbers."""
    g = torch.Generator().manual_seed(seed)
    init = {}
    for name, shape in shapes():
        x = torch.randn(shape, generator=g, dtype=torch.float64)
        if name == "emb":
            x = x / math.sqrt(D)
        elif name.endswith(".w"):
            x = x * math.sqrt(2 / sum(shape))
        else:
            x = 0.1 * x + (1 if name.endswith("norm.g") else 0)
        init[name] = x.to(torch.float32).to(torch.float64)
    return init


def sites():
    """Where attention stands."""
    return [f"enc.{i}.self" for i in range(ENC)] + [f"dec.{i}.{a}" for i in range(DEC) for a in ("self", "cross")]


def site_of(where):
    return "cross" if where.endswith("cross") else where[:3]


def bucket(distance, both):
    """As T5 numbers distances j - i."""
    every, start, n = 32, 0, -distance
    if both:
        every, start, n = 16, 16 if distance > 0 else 0, abs(n)
    n, near = max(n, 0), every // 2
    if n < near:
        return start + n
    return start + min(every - 1, near + int(math.log(n / near) / math.log(128 / near) * near))


def changed(init, v, seed):
    """What a variant starts from in place of init: other shapes, other sizes, less."""
    g = torch.Generator().manual_seed(seed)
    new = lambda *shape: torch.randn(shape, generator=g, dtype=torch.float64)
    out = dict(init)
    for name, x in init.items():
        side, n = name[:3], ENC if name.startswith("enc") else DEC
        if v["order"] in ("post", "deep", "none") and name.startswith(("enc.norm", "dec.norm")):
            del out[name]
        elif "norm." in name and (v["order"] == "none" or v["norm"] == "rms" and name.endswith(".b")):
            del out[name]
        elif v["gated"] and name.endswith("ffn.1.w"):
            out[name] = new(2 * F, D) * math.sqrt(2 / (F + D))
        elif v["gated"] and name.endswith("ffn.1.b"):
            out[name] = 0.1 * new(1, 2 * F)
        branch = name.endswith(("v.w", "o.w", "ffn.1.w", "ffn.2.w"))
        if v["order"] == "none" and branch:
            out[name] = x * (0.67 * n ** -0.25 if side == "enc" else (9 * n) ** -0.25)
        if v["order"] == "none" and name == "emb":
            out[name] = x * (9 * ENC) ** -0.25
        if v["order"] == "deep" and branch:
            out[name] = x * (0.87 * (ENC ** 4 * DEC) ** (-1 / 16) if side == "enc" else (12 * DEC) ** -0.25)
    for name in list(out):
        if v["bare"] and any(f".{a}.{m}." in name for a in ("self", "cross") for m in "qkvo"):
            del out[name]
    for where in sites() if v["attend"] else ():
        choice = v["attend"][site_of(where)]
        for name, shape in torch_attend.shapes(choice, H, D // H, LONGEST):
            x = new(*shape) * (1 if shape[0] == 1 else math.sqrt(2 / sum(shape)) if name.endswith(("w1", "w2", ".w")) else 0.7)
            out[f"{where}.{name}"] = 1.5 + 0.5 * x if name == "reach.z" else x
    if v["positions"] == "relative":
        for name in [f"enc.{i}" for i in range(ENC)] + [f"dec.{i}" for i in range(DEC)]:
            out[name + ".self.position.w"] = 0.5 * new(H, 32)
    return {n: x.to(torch.float32).to(torch.float64) for n, x in out.items()}


class Model:
    def __init__(self, params, v):
        self.p, self.v, self.act = params, v, ACTS[v["act"]]

    def linear(self, name, x):
        return x @ self.p[name + ".w"].T + self.p[name + ".b"]

    def norm(self, name, x):
        if self.v["norm"] == "rms":
            return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6) * self.p[name + ".g"]
        d = x - x.mean(-1, keepdim=True)
        var = (d * d).mean(-1, keepdim=True)
        return d / torch.sqrt(var + 1e-6) * self.p[name + ".g"] + self.p[name + ".b"]

    def attention(self, name, x, memory, causal):
        t, s, k = len(x), len(memory), D // H
        project = (lambda m, y: y) if self.v["bare"] else (lambda m, y: self.linear(f"{name}.{m}", y))
        q = project("q", x).view(t, H, k).transpose(0, 1)
        key = project("k", memory).view(s, H, k).transpose(0, 1)
        v = project("v", memory).view(s, H, k).transpose(0, 1)
        if self.v["attend"]:
            site = site_of(name)
            own = {n[len(name) + 1:]: y for n, y in self.p.items() if n.startswith(name + ".")}
            heads = [torch_attend.attend(own, h, H, self.v["attend"][site], site, q[h], key[h], v[h]) for h in range(H)]
            return project("o", torch.cat(heads, 1))
        places = self.v["positions"] if name.endswith("self") else None
        if places == "rotary":
            q, key = self.turn(q), self.turn(key)
        scores = q @ key.transpose(1, 2) / math.sqrt(k)
        away = torch.arange(s)[None, :] - torch.arange(t)[:, None]
        if places == "alibi":
            slope = torch.tensor([2.0 ** (-8 * (h + 1) / H) for h in range(H)], dtype=x.dtype)
            scores = scores - slope[:, None, None] * away.abs()
        if places == "relative":
            which = torch.tensor([[bucket(int(d), not causal) for d in row] for row in away])
            scores = scores + self.p[name + ".position.w"][:, which]
        if causal:
            scores = scores.masked_fill(torch.ones(t, s).triu(1).bool(), -math.inf)
        return self.linear(name + ".o", (scores.softmax(-1) @ v).transpose(0, 1).reshape(t, D))

    def turn(self, x):
        n, k = x.shape[1:]
        w = torch.tensor([10000 ** (-2 * i / k) for i in range(k // 2)], dtype=torch.float64)
        angle = torch.arange(n, dtype=torch.float64)[:, None] * w
        turned = torch.view_as_complex(x.to(torch.float64).reshape(H, n, k // 2, 2)) * torch.polar(torch.ones_like(angle), angle)
        return torch.view_as_real(turned).reshape(H, n, k).to(x.dtype)

    def around(self, name, x, f):
        order = self.v["order"]
        if order == "pre":
            return x + f(self.norm(name + ".norm", x))
        if order == "none":
            return x + f(x)
        if order == "deep":
            x = (0.81 * (ENC ** 4 * DEC) ** (1 / 16) if name.startswith("enc") else (3 * DEC) ** 0.25) * x + f(x)
            return self.norm(name + ".norm", x)
        return self.norm(name + ".norm", x + f(x))

    def feed(self, name, x):
        y = self.linear(name + ".1", x)
        y = self.act(y[:, :F]) * y[:, F:] if self.v["gated"] else self.act(y)
        return self.linear(name + ".2", y)

    def block(self, name, x, memory=None):
        x = self.around(name + ".self", x,
                        lambda y: self.attention(name + ".self", y, y, memory is not None))
        if memory is not None:
            x = self.around(name + ".cross", x,
                            lambda y: self.attention(name + ".cross", y, memory, False))
        return self.around(name + ".ffn", x, lambda y: self.feed(name + ".ffn", y))

    def positions(self, n, like):
        if self.v["positions"] != "marian":
            return 0
        w = torch.tensor([10000 ** (-i / (D / 2 - 1)) for i in range(D // 2)], dtype=torch.float64)
        angles = torch.arange(n, dtype=torch.float64)[:, None] * w
        return torch.cat([angles.sin(), angles.cos()], 1).to(like.dtype)

    def logits(self, src, tgt):
        emb = self.p["emb"]
        x = math.sqrt(D) * emb[src] + self.positions(len(src), emb)
        for i in range(ENC):
            x = self.block(f"enc.{i}", x)
        memory = self.norm("enc.norm", x) if self.v["order"] == "pre" else x
        shifted = torch.cat([torch.zeros(1, D, dtype=emb.dtype), math.sqrt(D) * emb[tgt[:-1]]])
        y = shifted + self.positions(len(tgt), emb)
        for i in range(DEC):
            y = self.block(f"dec.{i}", y, memory)
        y = self.norm("dec.norm", y) if self.v["order"] == "pre" else y
        return y @ emb.T + self.p["out_b"]

    def loss(self):
        total = 0
        for src, tgt in zip(SRC, TGT):
            z = self.logits(src, tgt)
            lse = z.logsumexp(-1)
            nll = lse - z[range(len(tgt)), tgt]
            total = total + (0.9 * nll + 0.1 * (lse - z.mean(-1))).sum()
        return total / sum(map(len, TGT))


def train(init, v, dtype=torch.float64):
    """losses, gradients at the start, parameters after ten updates."""
    used = {n: x.to(dtype).clone().requires_grad_(not n.endswith("omega")) for n, x in init.items()}
    model = Model(used, v)
    adam = torch.optim.Adam([x for x in used.values() if x.requires_grad], lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    losses, grads = [], None
    for step in range(11):
        adam.zero_grad()
        loss = model.loss()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            grads = {n: torch.zeros_like(x) if x.grad is None else x.grad.clone() for n, x in used.items()}
        if step < 10:
            adam.step()
    return losses, grads, {n: x.detach() for n, x in used.items()}


def write(path, tensors):
    with open(path, "wb") as f:
        for name, x in tensors.items():
            x = torch.as_tensor(x, dtype=torch.float64)
            x = x.reshape(1, -1) if x.dim() < 2 else x
            f.write(f"tensor {name} {x.shape[0]} {x.shape[1]}\n".encode())
            f.write(struct.pack(f"<{x.numel()}f", *x.flatten().tolist()) + b"\n")


def ends(sentences):
    return [sum(map(len, sentences[:i])) for i in range(len(sentences) + 1)]


def main(folder, *only, seed=16):
    init = initial(seed)
    batch = {"src.off": ends(SRC), "src.ids": sum(SRC, []),
             "tgt.off": ends(TGT), "tgt.ids": sum(TGT, [])}
    if not only:
        write(f"{folder}/torch_init.dump", {**batch, **{"init." + n: x for n, x in init.items()}})
    for name, differs in VARIANTS.items():
        if only and name not in only:
            continue
        v = {**USUAL, **differs}
        own = changed(init, v, seed)
        losses, grads, final = train(own, v)
        write(f"{folder}/torch_{name}.dump",
              {"losses": losses,
               **{"init." + n: x for n, x in own.items() if n not in init or not torch.equal(x, init[n])},
               **{"grad." + n: x for n, x in grads.items()},
               **({} if v["attend"] else {"final." + n: x for n, x in final.items()})})
        least = min(x[x != 0].abs().min().item() for n, x in grads.items() if ".k.b" not in n and x.any())
        print(f"{name}: loss {losses[0]:.6f} ... {losses[-1]:.6f}, smallest gradient {least:.1e}")
        if v["attend"]:
            continue
        # What 32 bits cost, so that a tolerance can be chosen.
        losses32, grads32, final32 = train(own, v, torch.float32)
        gap = lambda a, b: max((a[n] - b[n]).abs().max().item() / b[n].abs().max().item()
                               for n in b if ".k.b" not in n)
        print(f"  in 32 bits: loss {max(abs(a / b - 1) for a, b in zip(losses32, losses)):.1e},"
              f" gradients {gap(grads32, grads):.1e}, final {gap(final32, final):.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
