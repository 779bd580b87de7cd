"""en-es-vocab.py PARENT.spm ENGLISH.txt SPANISH.txt OUT.spm: makes vocab/en-es.spm.

The parent is the vocabulary of an English-Portuguese model. Its pieces that occur in English text stay, with their
scores, so that English is cut as the parent's encoder knows it; those of Portuguese alone go. Pieces of a unigram model
of the Spanish text come in their place, at half the probability each. Bytes stand for all other characters; currency
signs, common emoji and letters of European names have pieces; ten pieces are reserved for placeholders and one for a tag.
The normaliser is NFKC with three differences: it leaves signs alone that people tell apart (… º ª ½ ² ™), it takes out
characters without width, and it keeps the joiner of emoji.

Needs the packages sentencepiece and protobuf.
"""
import collections
import math
import os
import sys
import tempfile
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto

NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
LEAST = 30  # times that a piece of the parent occurs in the English text
SPANISH = 14000  # pieces of the Spanish model

KEPT = set("…ºª½¼¾⅓⅔⅛⅜⅝⅞²³¹™µ©®")
NO_WIDTH = {0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
            *range(0x2060, 0x2065), *range(0x2066, 0x2070), *range(0xFFF9, 0xFFFC)} - {0x200D}
CURRENCY = "€£¥₹₽₩₪₫₴₺₿¢$"
SIGNS = "…ºª½¼¾²³¹™©®°±×÷§¶·•–—‘’“”„«»‹›¡¿†‡‰′″→←↑↓↔⇒≈≠≤≥∞√∑∂π∆µΩαβγδλθσφ✓✔✗✘★☆♥♪●○■□▪▲►▼◆@#&%*+=<>[]{}|\\/^_~`"
EMOJI = ("😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰🙂🤗🤩🤔😐😑🙄😏😣😮😴😛😜😒😓😔🙃😲☹🙁😞😢😭😨😩😬😱😳😡😠🤯🥺🤷🤦👍👎👌✌🤞👋👏🙌🙏💪👀❤💔💕"
         "💖💙💚💛🧡💜🔥✨⭐🌟🎉🎂🎁☀🌈☕🍕🍺🐶🐱✅❌⚠🚀💯👉👇👆🤝🌍🌹\u200d\ufe0f")
LATIN = ("".join(chr(c) for c in range(0xC0, 0x180) if chr(c).isalpha()) + "ȘșȚțŁłƠơƯư"
         + "".join(chr(c) for c in range(0x1EA0, 0x1EFA)))


def rules():
    """What each character, or decomposed sequence, becomes."""
    to = {}
    for code in range(1, 0x30000):
        if 0xD800 <= code < 0xE000 or 0xAC00 <= code < 0xD7A4 or code == 10:
            continue
        c = chr(code)
        if c in KEPT or code == 0x200D:
            continue
        if code < 32 or 0x7F <= code < 0xA0:
            to[c] = " " if c in "\t\r\x0b\x0c\x85" else ""
        elif code in NO_WIDTH:
            to[c] = ""
        else:
            normal = " " if unicodedata.category(c) in ("Zs", "Zl", "Zp") else unicodedata.normalize("NFKC", c)
            if normal != c:
                to[c] = normal
            parts = unicodedata.normalize("NFD", c)
            if len(parts) > 1 and unicodedata.normalize("NFC", parts) == c:
                to[parts] = c
    return to


def character_map(folder):
    """The rules in SentencePiece's compiled form, which only its trainer makes."""
    table, text, prefix = (os.path.join(folder, name) for name in ("rules.tsv", "text", "map"))

    def codes(s):
        return " ".join("%X" % ord(c) for c in s)

    with open(table, "w", encoding="utf-8") as f:
        f.writelines("%s\t%s\n" % (codes(k), codes(v)) for k, v in sorted(rules().items()))
    with open(text, "w", encoding="utf-8") as f:
        f.writelines("a few words for line %d\n" % i for i in range(50))
    sentencepiece.SentencePieceTrainer.train(input=text, model_prefix=prefix, vocab_size=30, hard_vocab_limit=False,
                                             normalization_rule_tsv=table, minloglevel=2)
    return load(prefix + ".model").normalizer_spec.precompiled_charsmap


def load(path):
    model = proto.ModelProto()
    with open(path, "rb") as f:
        model.ParseFromString(f.read())
    return model


def spanish_pieces(text, folder):
    prefix = os.path.join(folder, "es")
    sentencepiece.SentencePieceTrainer.train(
        input=text, model_prefix=prefix, vocab_size=SPANISH, character_coverage=0.9998, byte_fallback=False,
        normalization_rule_name="nmt_nfkc", input_sentence_size=400000, shuffle_input_sentence=True, minloglevel=2)
    return load(prefix + ".model").pieces


def is_near(piece):
    """A letter of a script far from both languages is left to the bytes."""
    c = ord(piece[0])
    return len(piece) > 1 or c <= 0x250 or 0x370 <= c < 0x400 or 0x1E00 <= c < 0x2200


def main(parent_path, english, spanish, out):
    parent = load(parent_path)
    cutter = sentencepiece.SentencePieceProcessor(model_file=parent_path)
    seen = collections.Counter()
    with open(english, encoding="utf-8") as f:
        for line in f:
            seen.update(cutter.encode(line.rstrip("\n"), out_type=str))
    score = {p.piece: p.score for p in parent.pieces
             if p.type == NORMAL and (seen[p.piece] >= LEAST or len(p.piece) == 1)}
    with tempfile.TemporaryDirectory() as folder:
        mapping = character_map(folder)
        for p in spanish_pieces(spanish, folder):
            if p.type != NORMAL:
                continue
            half = p.score + math.log(0.5)
            old = score.get(p.piece)
            score[p.piece] = half if old is None else max(old, half) + math.log1p(math.exp(-abs(old - half)))
    score = {k: s for k, s in score.items() if is_near(k) or seen[k] >= LEAST}

    model = proto.ModelProto()

    def add(piece, value, kind):
        p = model.pieces.add()
        p.piece, p.score, p.type = piece, value, kind

    add("</s>", 0, CONTROL)
    add("<unk>", 0, UNKNOWN)
    for i in range(256):
        add("<0x%02X>" % i, 0, BYTE)
    for name in [*"0123456789", "b"]:
        add("⟦%s⟧" % name, 0, USER)
    for piece, value in sorted(score.items(), key=lambda x: (-x[1], x[0])):
        add(piece, value, NORMAL)
    low = min(score.values())
    for c in dict.fromkeys(CURRENCY + LATIN + SIGNS + EMOJI):
        if c not in score and (c in KEPT or unicodedata.normalize("NFKC", c) == c):
            low -= 0.001
            add(c, low, NORMAL)
    model.trainer_spec.CopyFrom(parent.trainer_spec)
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.vocab_size = len(model.pieces)
    del model.trainer_spec.input[:]
    model.trainer_spec.model_prefix = ""
    model.normalizer_spec.CopyFrom(parent.normalizer_spec)
    model.normalizer_spec.name = "nfkc_text"
    model.normalizer_spec.precompiled_charsmap = mapping
    with open(out, "wb") as f:
        f.write(model.SerializeToString())


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
