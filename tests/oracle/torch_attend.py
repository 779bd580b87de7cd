"""Attention as alignment x distribution x reach, row after row, for torch_model.py: one head of one
sentence, from its definition, in PyTorch and the package entmax.

    o (T, K) = attend(params, head, choice, site, q (T, K), k (S, K), v (S, K))

choice: {"align": ("additive", {"dim": 6}), "dist": ("sparsemax", {}), "reach": ("local", {"window": 2})}.
params: "align.w1", ... of all heads, a head's rows or columns side by side.
"""

import math

import torch

ACTS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


def shapes(choice, heads, k, longest):
    """What the rows learn: name, shape."""
    name, own = choice["align"]
    a = own.get("dim", k)
    hidden = [("align.w1", (heads * a, k)), ("align.w2", (heads * a, k)), ("align.b", (1, heads * a))]
    if name == "cosine" and own.get("strength") == 0:
        yield "align.s", (1, heads)
    if name in ("general", "biased-general", "activated-general"):
        yield "align.w", (heads * k, k)
    if name == "biased-general":
        yield "align.b", (1, heads * k)
    if name == "activated-general":
        yield "align.b", (1, heads)
    if name in ("additive", "deep", "feature", "multi-dimensional"):
        yield from hidden
    if name == "deep":
        yield "align.inner.w", ((own.get("depth", 3) - 2) * heads * a, a)
        yield "align.inner.b", (1, (own.get("depth", 3) - 2) * heads * a)
    if name in ("additive", "deep", "feature"):
        yield "align.v", (heads, a)
    if name == "multi-dimensional":
        yield "align.w", (heads * k, a)
    if name == "location":
        yield "align.w", (heads * longest, k)
    if name == "kernel" and own["map"] != "elu":
        yield "align.omega", (heads * own["features"], k)
    if choice["dist"] == ("entmax", {"alpha": 0}):
        yield "distribution.a", (1, heads)
    reach, own = choice["reach"]
    if reach == "local-p":
        yield "reach.w", (heads * k, k)
        yield "reach.v", (heads, k)
    if reach == "adaptive-span":
        yield "reach.z", (1, heads)
    if reach == "dynamic-span":
        yield "reach.v", (heads, k)
        yield "reach.b", (1, heads)


def part(p, name, h, heads):
    """A head's rows of a matrix; of one row, its columns."""
    x = p[name]
    if x.shape[0] == 1:
        return x[0].view(heads, -1)[h]
    return x.view(heads, -1, x.shape[1])[h]


def windows(k, w, site):
    """Mean and deviation of the keys around each one."""
    out = []
    for j in range(len(k)):
        some = k[max(0, j - w + 1):j + 1] if site == "dec" else k[max(0, j - w // 2):j + w // 2 + 1]
        mean = some.mean(0)
        out.append((mean, torch.sqrt(((some * some).mean(0) - mean * mean).clamp_min(0) + 1e-6)))
    return torch.stack([m for m, _ in out]), torch.stack([s for _, s in out])


def scores(p, h, heads, choice, site, q, k):
    """(T, S), or (T, S, K) of multi-dimensional."""
    name, own = choice["align"]
    get = lambda what: part(p, "align." + what, h, heads)
    act = ACTS[own.get("activation", "relu" if name == "deep" else "tanh")]
    width = q.shape[1]
    if name == "scaled-dot":
        return q @ k.T / math.sqrt(width)
    if name == "dot":
        return q @ k.T
    if name == "cosine":
        unit = lambda x: x / x.norm(dim=1, keepdim=True).clamp_min(1e-8)
        beta = torch.nn.functional.softplus(get("s")) if own.get("strength") == 0 else own.get("strength", 1)
        return beta * (unit(q) @ unit(k).T)
    if name == "general":  # files keep W transposed
        return q @ get("w").T @ k.T
    if name == "biased-general":
        return (q @ get("w").T + get("b")) @ k.T
    if name == "activated-general":
        return torch.tanh(q @ get("w").T @ k.T + get("b"))
    if name == "location":
        return (q @ get("w").T)[:, :len(k)]
    if name == "kernel":
        def phi(x):
            if own["map"] == "elu":
                return torch.nn.functional.elu(x) + 1
            x = x / width ** 0.25
            u = x @ get("omega").T
            if own["map"] == "relu":
                return torch.relu(u) + 1e-3
            return torch.exp(u - (x * x).sum(1, keepdim=True) / 2) / math.sqrt(own["features"])
        return phi(q) @ phi(k).T
    if name == "feature":
        mean, deviation = windows(k, own.get("window", 3), site)
        e = act(mean @ get("w1").T + get("b") + deviation @ get("w2").T) @ get("v").T
        return e.view(1, -1).expand(len(q), -1)
    t = act((q @ get("w1").T + get("b"))[:, None, :] + (k @ get("w2").T)[None, :, :])
    if name == "multi-dimensional":
        return t @ get("w").T
    if name == "deep":  # layer after layer, in each all heads
        inner = own.get("depth", 3) - 2
        w = p["align.inner.w"].view(inner, heads, t.shape[2], -1)
        b = p["align.inner.b"].view(inner, heads, -1)
        for layer in range(inner):
            t = act(t @ w[layer, h].T + b[layer, h])
    return (t @ get("v").view(-1, 1))[..., 0]


def seen(choice, h, site, i, s):
    """The keys that a query sees, out of s; i + 1 of them in the decoder's self-attention."""
    name, own = choice["reach"]
    s = i + 1 if site == "dec" else s
    if name == "local":
        return [j for j in range(s) if abs(i - j) <= own["window"]]
    if name == "blocks":
        begin = i // own["size"] * own["size"]
        end = begin + own["size"] + (own["memory"] if site == "enc" else 0)
        return [j for j in range(s) if begin - own["memory"] <= j < end]
    if name == "strided":
        return [j for j in range(s) if (abs(i - j) <= own["stride"] if h % 2 == 0 else (i - j) % own["stride"] == 0)]
    if name == "fixed":
        l = own["stride"]
        return [j for j in range(s) if (i // l == j // l if h % 2 == 0 else j % l >= l - own.get("summary", 1) or j == i)]
    if name == "local-m":
        return [j for j in range(s) if abs(j - min(i, s - 1)) <= own["window"]]
    return list(range(s))


def distribute(p, h, heads, choice, e, l1):
    """Weights of one row of scores (n); l1: of its keys' distances, for de-attention."""
    import entmax
    name, own = choice["dist"]
    if choice["align"][0] == "kernel":
        return e / e.sum()
    if name == "softmax":
        return e.softmax(0)
    if name == "sigmoid":
        return torch.sigmoid(e - (math.log(len(e)) if own.get("bias") == "length" else 0))
    if name == "smooth":
        s = torch.sigmoid(e)
        return s / s.sum()
    if name == "sparsemax":
        return entmax.sparsemax(e, dim=0)
    if name == "entmax15":
        return entmax.entmax15(e, dim=0)
    if name == "entmax":
        alpha = 1 + torch.sigmoid(p["distribution.a"][0, h]) if own["alpha"] == 0 else own["alpha"]
        return entmax.entmax_bisect(e, alpha, dim=0, n_iter=60)
    assert name == "de-attention"
    if own.get("gate") == "scale":
        return torch.tanh(e) * 2 * torch.sigmoid(l1)
    return torch.tanh(e) * torch.sigmoid(l1 - l1.mean())


def attend(p, h, heads, choice, site, q, k, v):
    e = scores(p, h, heads, choice, site, q, k)
    reach, own = choice["reach"]
    rows = []
    for i in range(len(q)):
        s, keys, fade, bend = len(k), seen(choice, h, site, i, len(k)), None, None
        place = torch.arange(s, dtype=q.dtype)
        if reach == "local-p":
            u = torch.tanh(q[i] @ part(p, "reach.w", h, heads).T) @ p["reach.v"][h]
            centre = (s - 1) * torch.sigmoid(u)
            keys = [j for j in keys if abs(j - math.floor(centre.item())) <= own["window"]]
            fade = torch.exp(-(place - centre) ** 2 / (2 * (own["window"] / 2) ** 2))
        if reach in ("adaptive-span", "dynamic-span"):
            z = (p["reach.z"][0, h] if reach == "adaptive-span" else
                 own["max"] * torch.sigmoid(q[i] @ p["reach.v"][h] + p["reach.b"][0, h]))
            m = ((own["ramp"] + z - (place - i).abs()) / own["ramp"]).clamp(0, 1)
            keys = [j for j in keys if m[j].item() > 0]
            bend = torch.log(m[keys])
        l1 = -(q[i] - k[keys]).abs().sum(1) / math.sqrt(q.shape[1])
        one = e[i][keys]
        if one.dim() == 2:  # each number by itself
            w = torch.stack([distribute(p, h, heads, choice, one[:, c] + (bend if bend is not None else 0), l1)
                             for c in range(one.shape[1])], 1)
            rows.append((w * v[keys]).sum(0))
            continue
        w = distribute(p, h, heads, choice, one + (bend if bend is not None else 0), l1)
        rows.append((w if fade is None else w * fade[keys]) @ v[keys])
    return torch.stack(rows)
