#!/usr/bin/env python3
"""Loss and gradients of tiny models of other kinds, computed by PyTorch in double precision, for tests/grad.

    python3 tests/oracle/torch_variants.py tests/golden      # needs torch; writes torch_*.dump, one a model

Sizes, batch, loss and the form of a dump are those of torch_model.py; here a dump also holds its own init.NAME,
and losses (1, 1) at the start alone. Encoders are torch.nn.LSTM and torch.nn.GRU themselves, decoders torch.nn.LSTMCell
and torch.nn.GRUCell where these have the cell (a GRU that resets before the product is written out). Names are those of the
model file. Our LSTM has its gates in the order i, f, c, o, which is torch's; of torch's two biases the second is 0, but for
the one that a GRU which resets after the product has inside the reset.

  bahdanau   bilstm, 2 layers; gru: c_t = attend(s⁻), s = cell([y⁻; c_t], s⁻), y = tanh(s Ws + y⁻ Wy + c_t Wc + b); additive, sparsemax
  luong      gru, 2 layers; lstm: s = cell([y⁻; h̄⁻], s⁻), h̄ = tanh(s Ws + c_t Wc + b); general, local-p with d = 2
  fixed      lstm from behind, the end last; gru: s = cell([y⁻; C], s⁻), readout with C; maxout
  output     bigru that resets after the product; rnn without state: s = tanh(y⁻ W + C Wi + b), readout with C
  paired     sources of two texts, co-attention between them, layers as in bare but for mixtures; PAIRS for SRC
  bare       a Transformer without normalisation, with interleaved positions, low-rank self-attention, all layers combined, areas in cross-attention
"""

import math
import sys

import torch
from torch.func import functional_call

from torch_model import DEC, ENC, F, H, SRC, TGT, D, V, ends, write

RANK, POSITIONS, MOST = 3, 16, 3
PAIRS = [[5, 7, 0, 3, 4, 9, 0], [9, 2, 11, 4, 0, 6, 0], [12, 0, 8, 1, 0]]


class Params(dict):
    """Parameters by name, made where they are first asked for."""

    def __init__(self, seed):
        super().__init__()
        self.random = torch.Generator().manual_seed(seed)

    def of(self, name, rows, cols, scale=None):
        if name not in self:
            x = torch.randn((rows, cols), generator=self.random, dtype=torch.float64)
            x = x * (scale or (0.1 if rows == 1 else math.sqrt(2 / (rows + cols))))
            self[name] = x.to(torch.float32).to(torch.float64).requires_grad_()
        return self[name]

    def linear(self, name, x, out, bias=True):
        y = x @ self.of(name + ".w", out, x.shape[-1]).T
        return y + self.of(name + ".b", 1, out) if bias else y

    def torch_cell(self, name, gates, k, wide, after=False):
        """What torch calls weight_ih, weight_hh, bias_ih, bias_hh of a cell."""
        w, b = self.of(name + ".w", gates * k, wide), self.of(name + ".b", 1, gates * k)[0]
        if gates == 4:
            return w, self.of(name + ".u", 4 * k, k), b, torch.zeros_like(b)
        u = torch.cat([self.of(name + ".u", 2 * k, k), self.of(name + ".un", k, k)])
        inner = self.of(name + ".bn", 1, k)[0] if after else torch.zeros(k, dtype=torch.float64)
        return w, u, b, torch.cat([torch.zeros(2 * k, dtype=torch.float64), inner])


def scan(p, name, kind, x, k, after):
    """torch's own layer over one sentence (n, wide)."""
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](x.shape[1], k, dtype=torch.float64)
    parts = p.torch_cell(name, 4 if kind == "lstm" else 3, k, x.shape[1], after)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return functional_call(layer, dict(zip(names, parts)), (x[:, None],))[0][:, 0]


def gru_before(p, name, x, h):
    """A GRU's step that resets before the product: z has its gates side by side, not yet with what comes from h."""
    k = h.shape[1]
    r, u = (x[:, : 2 * k] + h @ p.of(name + ".u", 2 * k, k).T).sigmoid().chunk(2, 1)
    n = torch.tanh(x[:, 2 * k :] + (r * h) @ p.of(name + ".un", k, k).T)
    return u * h + (1 - u) * n


def encode_recurrent(p, src, kind, both, reverse=False, after=True):
    x = math.sqrt(D) * p.of("emb", V, D, 1 / math.sqrt(D))[src]
    n = len(src)
    order = torch.tensor([*range(n - 2, -1, -1), n - 1] if reverse else range(n))
    for i in range(ENC):
        if both:
            ways = [scan(p, f"enc.{i}.rnn.fw", kind, x, D // 2, after),
                    scan(p, f"enc.{i}.rnn.bw", kind, x.flip(0), D // 2, after).flip(0)]
            x = torch.cat(ways, 1)
        else:
            y = scan(p, f"enc.{i}.rnn", kind, x[order], D, after)
            x = torch.zeros_like(y).index_copy(0, order, y)
    return x


def sparsemax(e):
    z = e.sort(descending=True).values
    sums = z.cumsum(0)
    size = (1 + torch.arange(1, len(z) + 1) * z > sums).sum()
    return (e - (sums[size - 1] - 1) / size).clamp(min=0)


def attend_additive(p, q, text):
    hidden = torch.tanh(p.linear("dec.cross.align.1", q, D, False) + p.linear("dec.cross.align.2", text, D, False)
                        + p.of("dec.cross.align.b", 1, D))
    e = (hidden @ p.of("dec.cross.align.v", 1, D, D**-0.5).T)[:, 0]
    return (sparsemax(e) @ text)[None]


def attend_predicted(p, q, text, d=2):
    s = len(text)
    u = torch.tanh(p.linear("dec.cross.reach", q, D, False)) @ p.of("dec.cross.reach.v", 1, D, D**-0.5).T
    centre = (s - 1) * u.sigmoid()[0, 0]
    at = torch.arange(s, dtype=torch.float64)
    seen = (at - centre.detach().floor()).abs() <= d
    e = (p.linear("dec.cross.align", q, D, False) @ text.T)[0].masked_fill(~seen, -math.inf)
    return ((e.softmax(0) * torch.exp(-((at - centre) ** 2) / (2 * (d / 2) ** 2))) @ text)[None]


def previous(p, tgt):
    emb = p.of("emb", V, D)
    return torch.cat([torch.zeros(1, D, dtype=torch.float64), math.sqrt(D) * emb[tgt[:-1]]])


def first_state(p, x):
    return torch.tanh(p.linear("dec.0.rnn.init", x, D))


def bahdanau(p, src, tgt):
    text, out = encode_recurrent(p, src, "lstm", True), []
    s = first_state(p, text[:1, D // 2 :])
    for y in previous(p, tgt).split(1):
        c = attend_additive(p, s, text)
        s = gru_before(p, "dec.0.rnn", p.linear("dec.0.rnn", y, 3 * D) + p.linear("dec.in", c, 3 * D, False), s)
        out.append(torch.tanh(p.linear("dec.read.s", s, D, False) + p.linear("dec.read.y", y, D, False)
                              + p.linear("dec.read.c", c, D, False) + p.of("dec.read.b", 1, D)))
    return torch.cat(out)


def luong(p, src, tgt):
    text, out = encode_recurrent(p, src, "gru", False), []
    h, c, fed = first_state(p, text[-1:]), torch.zeros(1, D, dtype=torch.float64), torch.zeros(1, D, dtype=torch.float64)
    cell = torch.nn.LSTMCell(2 * D, D, dtype=torch.float64)
    w, u, b, zero = p.torch_cell("dec.0.rnn", 4, D, D)
    parts = {"weight_ih": torch.cat([w, p.of("dec.in.w", 4 * D, D)], 1), "weight_hh": u, "bias_ih": b, "bias_hh": zero}
    for y in previous(p, tgt).split(1):
        h, c = functional_call(cell, parts, (torch.cat([y, fed], 1), (h, c)))
        fed = torch.tanh(p.linear("dec.read.s", h, D, False)
                         + p.linear("dec.read.c", attend_predicted(p, h, text), D, False) + p.of("dec.read.b", 1, D))
        out.append(fed)
    return torch.cat(out)


def fixed(p, src, tgt):
    text, out = encode_recurrent(p, src, "lstm", False, reverse=True), []
    context = text[-1:]
    s = first_state(p, context)
    cell = torch.nn.GRUCell(2 * D, D, dtype=torch.float64)
    w, u, b, inner = p.torch_cell("dec.0.rnn", 3, D, D, after=True)
    parts = {"weight_ih": torch.cat([w, p.of("dec.in.w", 3 * D, D)], 1), "weight_hh": u, "bias_ih": b, "bias_hh": inner}
    for y in previous(p, tgt).split(1):
        s = functional_call(cell, parts, (torch.cat([y, context], 1), s))
        t = (p.linear("dec.read.s", s, 2 * D, False) + p.linear("dec.read.y", y, 2 * D, False)
             + p.linear("dec.read.c", context, 2 * D, False) + p.of("dec.read.b", 1, 2 * D))
        out.append(t.view(1, D, 2).max(2).values)
    return torch.cat(out)


def output(p, src, tgt):
    text = encode_recurrent(p, src, "gru", True)
    context = torch.cat([text[-1:, : D // 2], text[:1, D // 2 :]], 1)
    y = previous(p, tgt)
    s = torch.tanh(p.linear("dec.0.rnn", y, D) + p.linear("dec.in", context, D, False))
    return torch.tanh(p.linear("dec.read.s", s, D, False) + p.linear("dec.read.y", y, D, False)
                      + p.linear("dec.read.c", context, D, False) + p.of("dec.read.b", 1, D))


def attention(p, name, x, text, causal=False, mix=None):
    k = D // H
    q, key, v = (p.linear(f"{name}.{m}", s, D).view(-1, H, k).transpose(0, 1) for m, s in zip("qkv", (x, text, text)))
    if mix:
        key, v = mix(key, v)
    e = q @ key.transpose(1, 2) / math.sqrt(k)
    if causal:
        e = e.masked_fill(torch.ones(e.shape[1:]).triu(1).bool(), -math.inf)
    return p.linear(name + ".o", (e.softmax(-1) @ v).transpose(0, 1).reshape(len(x), D), D)


def low_rank(p, name):
    def mix(key, v):
        f = [p.of(f"{name}.reach.{m}.w", H * RANK, POSITIONS, RANK**-0.5).view(H, RANK, -1)[:, :, : key.shape[1]] for m in "kv"]
        return f[0] @ key, f[1] @ v
    return mix


def areas(key, v):
    runs = [(m, j) for m in range(1, MOST + 1) for j in range(key.shape[1] - m + 1)]
    return (torch.stack([key[:, j : j + m].mean(1) for m, j in runs], 1),
            torch.stack([v[:, j : j + m].sum(1) for m, j in runs], 1))


def ffn(p, name, x):
    return p.linear(name + ".ffn.2", torch.tanh(0.5 * p.linear(name + ".ffn.1", x, F)).add(1).mul(0.5)
                    * p.linear(name + ".ffn.1", x, F), D)  # swish: x σ(x)


def interleaved(n):
    at = torch.arange(n, dtype=torch.float64)[:, None] * torch.tensor(
        [10000 ** (-i / (D / 2)) for i in range(D // 2)], dtype=torch.float64)
    return torch.stack([at.sin(), at.cos()], 2).reshape(n, D)


def bare(p, src, tgt):
    x = math.sqrt(D) * p.of("emb", V, D, 1 / math.sqrt(D))[src] + interleaved(len(src))
    layers = [x]
    for i in range(ENC):
        x = x + attention(p, f"enc.{i}.self", x, x, mix=low_rank(p, f"enc.{i}.self"))
        x = x + ffn(p, f"enc.{i}", x)
        layers.append(x)
    scores = torch.cat([torch.tanh(p.linear("blend", t, D, False)) @ p.of("blend.v", 1, D, D**-0.5).T for t in layers], 1)
    x = (scores.softmax(1)[:, :, None] * torch.stack(layers, 1)).sum(1)
    y = previous(p, tgt) + interleaved(len(tgt))
    for i in range(DEC):
        y = y + attention(p, f"dec.{i}.self", y, y, causal=True)
        y = y + attention(p, f"dec.{i}.cross", y, x, mix=areas)
        y = y + ffn(p, f"dec.{i}", y)
    return y


def paired(p, src, tgt):
    side, parts = p.of("pair.side", 2, D, 1), []
    cut = src.index(0) + 1
    for which, ids in enumerate((src[:cut], src[cut:])):
        x = math.sqrt(D) * p.of("emb", V, D, 1 / math.sqrt(D))[ids] + interleaved(len(ids)) + side[which]
        for i in range(ENC):
            x = x + attention(p, f"enc.{i}.self", x, x)
            x = x + ffn(p, f"enc.{i}", x)
        parts.append(x)
    x, y = parts
    c = torch.tanh(x @ p.of("pair.b.w", D, D, 0.01).T @ y.T)
    ux, uy = p.linear("pair.x", x, D, False), p.linear("pair.y", y, D, False)
    weights = [torch.tanh(own + through @ other) @ p.of(f"pair.{v}.v", 1, D, D**-0.5).T
               for own, through, other, v in ((ux, c, uy, "x"), (uy, c.T, ux, "y"))]
    rows = torch.cat(parts)
    d = rows - rows.mean(1, keepdim=True)
    normed = d / torch.sqrt((d * d).mean(1, keepdim=True) + 1e-6) * p.of("pair.norm.g", 1, D, 1) + p.of("pair.norm.b", 1, D)
    memory = torch.cat([1 + len(t) * e.softmax(0) for t, e in zip(parts, weights)]) * normed
    z = previous(p, tgt) + interleaved(len(tgt))
    for i in range(DEC):
        z = z + attention(p, f"dec.{i}.self", z, z, causal=True)
        z = z + attention(p, f"dec.{i}.cross", z, memory)
        z = z + ffn(p, f"dec.{i}", z)
    return z


def loss_of(p, model):
    total = 0
    for src, tgt in zip(PAIRS if model is paired else SRC, TGT):
        states = model(p, src, tgt)
        z = states @ p["emb"].T + p.of("out_b", 1, V)
        lse = z.logsumexp(-1)
        nll = lse - z[range(len(tgt)), tgt]
        total = total + (0.9 * nll + 0.1 * (lse - z.mean(-1))).sum()
    return total / sum(map(len, TGT))


def renamed(name):
    """align.1.w is align.w1 in a file."""
    return name.replace("align.1.w", "align.w1").replace("align.2.w", "align.w2")


def main(folder, seed=5):
    for model in (bahdanau, luong, fixed, output, bare, paired):
        p = Params(seed)
        loss = loss_of(p, model)
        loss.backward()
        texts = PAIRS if model is paired else SRC
        batch = {"src.off": ends(texts), "src.ids": sum(texts, []), "tgt.off": ends(TGT), "tgt.ids": sum(TGT, [])}
        write(f"{folder}/torch_{model.__name__}.dump",
              {**batch, "losses": [loss.item()], **{"init." + renamed(n): x.detach() for n, x in p.items()},
               **{"grad." + renamed(n): x.grad for n, x in p.items()}})
        print(f"{model.__name__}: loss {loss.item():.6f}, {sum(x.numel() for x in p.values())} numbers")


if __name__ == "__main__":
    main(sys.argv[1])
