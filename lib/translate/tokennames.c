/* tokennames.c: see tokennames.h. */
#include "translate/tokennames.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* 1 if a word begins with the token. Without SentencePiece each token is one. */
static bool begins_word(const tt_vocab *v, int32_t id, int is_end, int after_end) {
    const char *piece = tt_vocab_piece(v, id);
    return is_end || after_end || !tt_vocab_has_spm(v) ||
           (piece && !strncmp(piece, "\xe2\x96\x81", 3));
}

/* A word's text: that of its tokens; of an end its piece. */
static const char *name_word(const tt_vocab *v, const int32_t *ids, int n, const char *piece,
                             int is_end, tt_arena *a, tt_err *e) {
    char *text;
    size_t len;
    if (is_end) return piece;
    if (tt_vocab_decode(v, ids, (size_t)n, a, &text, &len, e)) return NULL;
    return len ? tt_arena_text(a, text, len) : piece;
}

int tt_names_text(tt_token_names *x, const tt_vocab *v, const tt_seqs *s, const char *first,
                  tt_arena *a, tt_err *e) {
    const int n = s->off[1], shift = first != NULL;
    *x = (tt_token_names){.tokens = n};
    x->place = tt_arena_alloc(a, (size_t)n * sizeof *x->place);
    x->word = tt_arena_alloc(a, (size_t)n * sizeof *x->word);
    x->end = tt_arena_alloc(a, (size_t)n);
    x->names = tt_arena_alloc(a, (size_t)n * sizeof *x->names);
    x->words = tt_arena_alloc(a, (size_t)n * sizeof *x->words);
    x->labels = tt_arena_alloc(a, (size_t)n * sizeof *x->labels);
    if (!x->place || !x->word || !x->end || !x->names || !x->words || !x->labels)
        return tt_fail(e, TT_ENOMEM, "out of memory for the names of %d tokens", n);
    int words = 0;
    for (int i = 0; i < n; i++) {
        const int32_t id = i < shift ? -1 : s->ids[i - shift];
        x->names[i] = i < shift ? first : tt_vocab_piece(v, id);
        x->end[i] = i < shift || tt_vocab_is_control(v, id);
        words += !i || begins_word(v, id, x->end[i], x->end[i - 1]);
        x->word[i] = words - 1;
    }
    for (int i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && x->word[next] == x->word[i];) next++;
        const char *name =
            name_word(v, s->ids + i - shift * (i >= shift), next - i, x->names[i], x->end[i], a, e);
        if (!name)
            return e->code ? e->code
                           : tt_fail(e, TT_ENOMEM, "out of memory for the names of %d tokens", n);
        x->words[x->word[i]] = name;
    }
    return 0;
}

void tt_names_shape(tt_token_names *x, int words, int ends) {
    x->shown = 0;
    for (int i = 0; i < x->tokens; i++) {
        const int joins = words && i && x->word[i] == x->word[i - 1] && x->place[i - 1] >= 0;
        x->place[i] = !ends && x->end[i] ? -1 : joins ? x->place[i - 1] : x->shown++;
        if (x->place[i] >= 0) x->labels[x->place[i]] = words ? x->words[x->word[i]] : x->names[i];
    }
}

int tt_names_read(tt_token_names *x, bool spelt, int layers, tt_arena *a, tt_err *e) {
    static const char *const made_of[TT_REPRESENTATIONS] = {"piece", "characters"};
    const int first = spelt ? TT_REPRESENTATIONS : 0, n = first + layers;
    *x = (tt_token_names){.tokens = n};
    x->place = tt_arena_alloc(a, (size_t)n * sizeof *x->place);
    x->word = tt_arena_alloc(a, (size_t)n * sizeof *x->word);
    x->end = tt_arena_zero(a, (size_t)n);
    x->names = x->words = tt_arena_alloc(a, (size_t)n * sizeof *x->names);
    x->labels = tt_arena_alloc(a, (size_t)n * sizeof *x->labels);
    if (!x->place || !x->word || !x->end || !x->names || !x->labels)
        return tt_fail(e, TT_ENOMEM, "out of memory for the names of %d layers", n);
    for (int i = 0; i < n; i++) {
        char name[24];
        if (i < first) snprintf(name, sizeof name, "%s", made_of[i]);
        else snprintf(name, sizeof name, i > first ? "layer %d" : "embedding", i - first);
        x->word[i] = i;
        if (!(x->names[i] = tt_arena_text(a, name, strlen(name))))
            return tt_fail(e, TT_ENOMEM, "out of memory for the names of %d layers", n);
    }
    return 0;
}

int tt_names_half(tt_token_names *x, const tt_vocab *v, const int32_t *ids, int n,
                  const char *weights, tt_arena *a, tt_err *e) {
    int32_t *more = tt_arena_alloc(a, ((size_t)n + 1) * sizeof *more);
    const int32_t off[2] = {0, n + 1};
    if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for the names of %d tokens", n);
    memcpy(more, ids, (size_t)n * sizeof *more);
    more[n] = n ? ids[n - 1] : 0;
    TT_TRY(tt_names_text(x, v, &(tt_seqs){1, off, more, NULL}, NULL, a, e));
    x->names[n] = weights;
    if (n && x->word[n] == x->word[n - 1]) x->word[n]++;
    x->words[x->word[n]] = weights;
    x->end[n] = 0;
    return 0;
}
