"""warm.py PARENT.npz PARENT.spm VOCAB.spm ENGLISH.txt OUT.npz PORTUGUESE:PAIRS.tsv ...: a model to start from.

The parent translates English to Portuguese (Marian's npz, as `ttrans export -f marian` writes it). Layers are copied;
of the one table of embeddings, and of the output's bias, a piece of the new vocabulary gets

    its own row         where the parent has the piece (English words, names, marks);
    a translated row    the mean of the rows of the Portuguese pieces that it translates, weighted by p(pt|es) squared;
    a mean of both      where it is a word of both languages, by how often it is which;
    a mean of its parts otherwise.

p(pt|es) is learned from Portuguese that the parent made of the pairs' English, a line for each pair, beside their
Spanish, by IBM Model 1 (Brown et al. 1993) within a band around the diagonal: the languages have one word order.

Needs the packages sentencepiece and numpy.
"""
import sys

import numpy as np
import sentencepiece

BAND = 4.5  # tokens off the diagonal
LONGEST = 80  # tokens of a side
LEAST = 0.05  # probability that is not thought noise


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n") for line in f]


def cells(pt, es):
    """Pairs of pieces that may translate each other: es, pt, and the es token they are of."""
    e_all, f_all, at_all, base = [], [], [], 0
    for f, e in zip(pt, es):
        n, m = len(f), len(e)
        if not n or not m or n > LONGEST or m > LONGEST:
            continue
        i, j = np.arange(m)[:, None], np.arange(n)[None, :]
        ii, jj = np.nonzero(np.abs((i + 0.5) / m - (j + 0.5) / n) * max(n, m) <= BAND)
        e_all.append(np.asarray(e)[ii])
        f_all.append(np.asarray(f)[jj])
        at_all.append(base + ii)
        base += m
    return np.concatenate(e_all).astype(np.int64), np.concatenate(f_all).astype(np.int64), np.concatenate(at_all), base


def learn(pt, es, sizes, rounds=6):
    """IBM Model 1: expected counts of (es, pt)."""
    e, f, at, tokens = cells(pt, es)
    keys, where = np.unique(e * sizes[0] + f, return_inverse=True)
    e_of, f_of = keys // sizes[0], keys % sizes[0]
    t = np.ones(len(keys))
    for _ in range(rounds):
        cell = t[where]
        count = np.bincount(where, cell / np.bincount(at, cell, tokens)[at], len(keys))
        t = count / np.maximum(np.bincount(f_of, count, sizes[0])[f_of], 1e-9)
    return e_of, f_of, count


def translated(table, bias, e_of, f_of, count, size):
    """Rows of the new pieces as means of the parent's; the norm is the mean of the norms."""
    total = np.bincount(e_of, count, size)
    p = count / np.maximum(total[e_of], 1e-9)
    w = np.where(p > LEAST, count * p * p, 0)
    sums = np.bincount(e_of, w, size)
    share = w / np.maximum(sums[e_of], 1e-9)
    rows = np.stack([np.bincount(e_of, share * table[f_of, k], size) for k in range(table.shape[1])], 1)
    norm = np.bincount(e_of, share * np.linalg.norm(table, axis=1)[f_of], size)
    rows *= (norm / np.maximum(np.linalg.norm(rows, axis=1), 1e-9))[:, None]
    return rows, np.bincount(e_of, share * bias[f_of], size), total, sums > 0


def parts_of(parent, piece):
    ids = [i for i in parent.encode(piece.replace("▁", " ")) if i not in (parent.eos_id(), parent.unk_id())]
    return ids[1:] if not piece.startswith("▁") and ids and parent.id_to_piece(ids[0]) == "▁" else ids


def new_rows(parent, vocab, table, bias, english, learned):
    rows, shift, total, known = translated(table, bias, *learned, vocab.get_piece_size())
    of_english = np.zeros(len(rows))
    for ids in vocab.encode(english[::3]):
        np.add.at(of_english, ids, 1)
    of_english /= of_english.sum()
    of_spanish = total / total.sum()
    out, out_bias = np.zeros((len(rows), table.shape[1]), np.float32), np.zeros(len(rows), np.float32)
    for i in range(len(rows)):
        piece = vocab.id_to_piece(i)
        own = parent.eos_id() if piece == "</s>" else parent.piece_to_id(piece)
        has = own != parent.unk_id() or piece == "<unk>"
        has_translation = known[i] and total[i] >= 3
        word = piece.lstrip("▁").isalpha()
        if has and has_translation and word:
            r = of_english[i] / (of_english[i] + of_spanish[i] + 1e-12)
            row = r * table[own] + (1 - r) * rows[i]
            norm = r * np.linalg.norm(table[own]) + (1 - r) * np.linalg.norm(rows[i])
            out[i], out_bias[i] = row * norm / max(np.linalg.norm(row), 1e-6), r * bias[own] + (1 - r) * shift[i]
        elif has:
            out[i], out_bias[i] = table[own], bias[own]
        elif has_translation:
            out[i], out_bias[i] = rows[i], shift[i]
        else:
            parts = [] if vocab.is_byte(i) else parts_of(parent, piece)
            noise = np.random.default_rng(i).normal(0, 0.02, table.shape[1])
            out[i] = table[parts].mean(0) if parts else table[parent.unk_id()] + noise
            out_bias[i] = bias[parts].mean() if parts else bias.min()
    return out, out_bias


def main(parent_path, parent_spm, vocab_path, english, out, *pairs):
    parent = sentencepiece.SentencePieceProcessor(model_file=parent_spm)
    vocab = sentencepiece.SentencePieceProcessor(model_file=vocab_path)
    arrays = dict(np.load(parent_path))
    pt, es = [], []
    for pair in pairs:
        made, text = pair.split(":", 1)
        pt += parent.encode(lines(made))
        es += vocab.encode([line.split("\t")[1] for line in lines(text)])
    table = arrays["Wemb"].astype(np.float32)
    bias = arrays["decoder_ff_logit_out_b"].astype(np.float32).reshape(-1)
    learned = learn(pt, es, (parent.get_piece_size(), vocab.get_piece_size()))
    arrays["Wemb"], bias = new_rows(parent, vocab, table, bias, lines(english), learned)
    arrays["decoder_ff_logit_out_b"] = bias.reshape(1, -1)
    np.savez(out, **arrays)


if __name__ == "__main__":
    if len(sys.argv) < 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
