/* lexicon.c: see lexicon.h. */
#include "port/lexicon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "port/yaml.h"
#include "text/vocab.h"

enum { PIECES_MOST = 1000000, PIECE_MOST = 4096 };

/* ---- lists of pieces ----------------------------------------------------------------------- */

static int put(tt_piece_list *l, size_t *room, long id, const char *piece, size_t len, tt_arena *a,
               tt_err *e) {
    if (id < 0 || id >= PIECES_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: piece %.40s has the id %ld, expected 0 to %d", l->file,
                       piece, id, PIECES_MOST - 1);
    if (len > PIECE_MOST || strlen(piece) != len || memchr(piece, '\n', len))
        return tt_fail(e, TT_EFORMAT,
                       "%s: piece %ld has a line end or a NUL in it, or more than %d bytes",
                       l->file, id, PIECE_MOST);
    if ((size_t)id >= *room) {
        size_t more = *room ? 2 * *room : 1024;
        while (more <= (size_t)id) more *= 2;
        const char **bigger = tt_arena_zero(a, more * sizeof *bigger);
        if (!bigger) return tt_fail(e, TT_ENOMEM, "%s: out of memory", l->file);
        if (l->count) memcpy(bigger, l->piece, l->count * sizeof *bigger);
        l->piece = bigger;
        *room = more;
    }
    if ((size_t)id < l->count && l->piece[id])
        return tt_fail(e, TT_EFORMAT, "%s: id %ld stands for %.40s and for %.40s", l->file, id,
                       l->piece[id], piece);
    l->piece[id] = piece;
    if ((size_t)id >= l->count) l->count = (size_t)id + 1;
    return 0;
}

/* A whole number, or -1. */
static long whole(const char *text) {
    size_t n = strlen(text);
    return n > 0 && n < 9 && strspn(text, "0123456789") == n ? strtol(text, NULL, 10) : -1;
}

static int read_json(tt_piece_list *l, const char *text, size_t len, tt_arena *a, tt_err *e) {
    tt_json *root;
    size_t room = 0;
    long i = 0;
    TT_TRY(tt_json_read(&root, text, len, l->file, a, e));
    for (const tt_json *j = root->child; j; j = j->next, i++) {
        bool named = root->kind == TT_JSON_OBJECT;
        if (j->kind != (named ? TT_JSON_NUMBER : TT_JSON_STRING))
            return tt_fail(e, TT_EFORMAT, "%s: entry %ld is no %s", l->file, i,
                           named ? "id" : "piece");
        TT_TRY(put(l, &room, named ? whole(j->text) : i, named ? j->key : j->text,
                   named ? j->key_len : j->len, a, e));
    }
    return 0;
}

static int read_yaml(tt_piece_list *l, const char *text, size_t len, tt_arena *a, tt_err *e) {
    tt_yaml y;
    size_t room = 0;
    TT_TRY(tt_yaml_read(&y, text, len, l->file, true, a, e));
    for (size_t i = 0; i < y.count; i++) {
        const tt_yaml_entry *x = &y.entry[i];
        if (x->count != 1 || x->list || whole(x->value[0]) < 0)
            return tt_fail(e, TT_EFORMAT, "%s:%zu: expected a piece and its id", l->file, x->line);
        TT_TRY(put(l, &room, whole(x->value[0]), x->key, x->key_len, a, e));
    }
    return 0;
}

static int read_lines(tt_piece_list *l, const char *text, size_t len, tt_arena *a, tt_err *e) {
    const char *end = text + len;
    size_t room = 0;
    for (long id = 0; text < end; id++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text)),
                   *next = newline ? newline + 1 : end;
        size_t n = (size_t)((newline ? newline : end) - text);
        if (n && text[n - 1] == '\r') n--;
        const char *piece = tt_arena_text(a, text, n);
        if (!piece) return tt_fail(e, TT_ENOMEM, "%s: out of memory", l->file);
        TT_TRY(put(l, &room, id, piece, n, a, e));
        text = next;
    }
    return 0;
}

/* Marian's YAML has "piece: 0" somewhere in its first lines; a plain list has no line that ends in
 * a colon and a number. */
static bool is_yaml(const char *text, size_t len) {
    size_t n = 0;
    while (n < len && text[n] != '\n') n++;
    size_t digits = n;
    if (digits && text[digits - 1] == '\r') digits--;
    size_t last = digits;
    while (digits && text[digits - 1] >= '0' && text[digits - 1] <= '9') digits--;
    return (digits < last && digits >= 2 && text[digits - 1] == ' ' && text[digits - 2] == ':') ||
           (n > 2 && !memcmp(text, "? ", 2));
}

/* Nematus writes other names, or none, for the first two. */
static void name_specials(tt_piece_list *l) {
    if (l->count < 2) return;
    if (!l->piece[0] || !*l->piece[0] || !strcmp(l->piece[0], "eos")) l->piece[0] = "</s>";
    if (!l->piece[1] || !*l->piece[1] || !strcmp(l->piece[1], "UNK")) l->piece[1] = "<unk>";
}

int tt_piece_list_read(tt_piece_list *l, const char *text, size_t len, const char *file,
                       tt_arena *a, tt_err *e) {
    *l = (tt_piece_list){.file = file};
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", text[at]) && text[at]) at++;
    bool json = at < len && (text[at] == '{' || text[at] == '[');
    TT_TRY(json && len - at > 1 && strchr("\"\n\r []{}", text[at + 1])
               ? read_json(l, text, len, a, e)
           : is_yaml(text, len) ? read_yaml(l, text, len, a, e)
                                : read_lines(l, text, len, a, e));
    name_specials(l);
    return 0;
}

/* ---- finding them -------------------------------------------------------------------------- */

/* The first file whose name ends so. */
static size_t find_ending(const tt_folder *f, const char *end) {
    size_t i = 0;
    while (i < tt_folder_count(f) && !tt_folder_ends(f, i, end)) i++;
    return i;
}

static bool found(const tt_lexicon *x, size_t i) { return i < tt_folder_count(x->folder); }

/* Under which names lists are kept: of the source and the target, or of both; whole names, or ends
 * of names. */
static const struct {
    const char *side[2];
    bool ending;
} list_names[] = {{{"shared_vocabulary.json", "shared_vocabulary.json"}, false},
                  {{"shared_vocabulary.txt", "shared_vocabulary.txt"}, false},
                  {{"source_vocabulary.json", "target_vocabulary.json"}, false},
                  {{"source_vocabulary.txt", "target_vocabulary.txt"}, false},
                  {{"vocab.json", "target_vocab.json"}, false},
                  {{"vocab.json", "vocab.json"}, false},
                  {{".src.vocab.yml", ".trg.vocab.yml"}, true},
                  {{"src.vocab.yml", "trg.vocab.yml"}, true},
                  {{"vocab.yml", "vocab.yml"}, true},
                  {{"vocab.txt", "vocab.txt"}, true}};
enum { LIST_NAMES = sizeof list_names / sizeof *list_names };

static void find_lists(tt_lexicon *x) {
    for (int i = 0; i < LIST_NAMES; i++) {
        for (int side = 0; side < 2; side++) {
            const char *name = list_names[i].side[side];
            x->list[side] = list_names[i].ending ? find_ending(x->folder, name)
                                                 : tt_folder_find(x->folder, name);
        }
        if (found(x, x->list[0]) && found(x, x->list[1])) return;
    }
    x->list[0] = x->list[1] = tt_folder_count(x->folder);
}

static bool speaks_of(const char *name, int side) {
    static const char *const words[2][3] = {{"src", "source", NULL}, {"trg", "tgt", "target"}};
    for (int i = 0; i < 3; i++)
        if (words[side][i] && strstr(name, words[side][i])) return true;
    return false;
}

static int find_spms(tt_lexicon *x, tt_err *e) {
    size_t one = tt_folder_count(x->folder), n = 0, side_of[2] = {one, one};
    for (size_t i = 0; i < tt_folder_count(x->folder); i++) {
        int kind;
        const char *name = tt_folder_name(x->folder, i);
        if (!tt_folder_ends(x->folder, i, ".spm") && !tt_folder_ends(x->folder, i, ".spm.gz") &&
            !tt_folder_ends(x->folder, i, ".model"))
            continue;
        TT_TRY(tt_folder_kind(x->folder, i, &kind, e));
        if (kind != TT_FOREIGN_SPM) continue;
        one = i;
        n++;
        for (int side = 0; side < 2; side++)
            if (speaks_of(name, side) && !speaks_of(name, !side)) side_of[side] = i;
    }
    if (found(x, side_of[0]) && found(x, side_of[1])) {
        x->spm[0] = side_of[0];
        x->spm[1] = side_of[1];
    } else if (n == 1) {
        x->spm[0] = x->spm[1] = one;
    } else if (n > 1) {
        return tt_fail(e, TT_EFORMAT,
                       "%s: %zu SentencePiece models: name those to use with --vocab",
                       tt_folder_where(x->folder), n);
    }
    return 0;
}

int tt_lexicon_find(tt_lexicon *x, tt_folder *f, const size_t *named, size_t n_named, tt_arena *a,
                    tt_err *e) {
    size_t none = tt_folder_count(f), spms = 0, lists = 0;
    *x = (tt_lexicon){.folder = f, .arena = a, .spm = {none, none}, .list = {none, none}};
    for (size_t i = 0; i < n_named; i++) {
        int kind;
        TT_TRY(tt_folder_kind(f, named[i], &kind, e));
        size_t *to = kind == TT_FOREIGN_SPM ? x->spm : x->list,
               *n = kind == TT_FOREIGN_SPM ? &spms : &lists;
        if (*n == 2)
            return tt_fail(e, TT_EUSAGE, "%s: more than two vocabularies of one kind",
                           tt_folder_path(f, named[i]));
        if (!*n) to[0] = named[i];
        to[1] = named[i];
        ++*n;
    }
    if (!spms && !lists) find_lists(x);
    if (!spms) TT_TRY(find_spms(x, e));
    for (int side = 0; side < 2; side++) {
        const unsigned char *text;
        size_t len;
        if (!found(x, x->list[side])) continue;
        TT_TRY(tt_folder_read(f, x->list[side], &text, &len, e));
        TT_TRY(tt_piece_list_read(&x->pieces[side], (const char *)text, len,
                                  tt_folder_path(f, x->list[side]), a, e));
    }
    if (found(x, x->spm[0]) || found(x, x->list[0])) return 0;
    return tt_fail(e, TT_ENOINPUT, "%s: no vocabulary beside the model: name it with --vocab FILE",
                   tt_folder_where(f));
}

void tt_lexicon_rename(tt_lexicon *x, const char *from, const char *to) {
    for (int side = 0; side < 2; side++) {
        long id = strcmp(from, to) != 0 && tt_lexicon_id(x, side, to) < 0
                      ? tt_lexicon_id(x, side, from)
                      : -1;
        if (id >= 0) x->pieces[side].piece[id] = to;
    }
}

int tt_lexicon_add_unk(tt_lexicon *x, tt_err *e) {
    for (int side = 0; side < 2; side++) {
        tt_piece_list *l = &x->pieces[side];
        if (!l->count || tt_lexicon_id(x, side, "<unk>") >= 0) continue;
        const char **more = tt_arena_alloc(x->arena, (l->count + 1) * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "%s: out of memory", l->file);
        memcpy(more, l->piece, l->count * sizeof *more);
        more[l->count++] = "<unk>";
        l->piece = more;
    }
    return 0;
}

long tt_lexicon_id(const tt_lexicon *x, int side, const char *piece) {
    const tt_piece_list *l = &x->pieces[side];
    for (size_t i = 0; i < l->count; i++)
        if (l->piece[i] && !strcmp(l->piece[i], piece)) return (long)i;
    return -1;
}

/* ---- writing them -------------------------------------------------------------------------- */

struct side {
    const unsigned char *spm;
    size_t spm_len;
    char *list; /* NULL: ids are SentencePiece's */
    size_t list_len;
};

/* 1 if the list's first `rows` pieces are those of the SentencePiece model, in its order, and no
   more. */
static bool agrees(const tt_piece_list *l, const tt_vocab *v, size_t rows) {
    if ((size_t)tt_vocab_size(v) != rows) return false;
    for (size_t i = 0; i < rows; i++)
        if (!l->piece[i] || strcmp(l->piece[i], tt_vocab_piece(v, (int)i)) != 0) return false;
    return true;
}

static int make_list(struct side *s, const tt_piece_list *l, size_t rows, tt_arena *a, tt_err *e) {
    size_t room = 1, eos = rows;
    for (size_t i = 0; i < rows; i++) {
        if (!l->piece[i]) return tt_fail(e, TT_EFORMAT, "%s: no piece has the id %zu", l->file, i);
        if (!strcmp(l->piece[i], "</s>")) eos = i;
        room += strlen(l->piece[i]) + 1;
    }
    if (eos == rows)
        return tt_fail(e, TT_EFORMAT, "%s: no piece is called </s>, which ends a sentence",
                       l->file);
    char *p = s->list = tt_arena_alloc(a, room);
    if (!p) return tt_fail(e, TT_ENOMEM, "%s: out of memory", l->file);
    for (size_t i = 0; i < rows; i++) {
        size_t n = strlen(l->piece[i]);
        memcpy(p, l->piece[i], n);
        p[n] = '\n';
        p += n + 1;
    }
    s->list_len = (size_t)(p - s->list);
    return 0;
}

static int too_short(const char *file, size_t pieces, size_t rows, tt_err *e) {
    return tt_fail(e, TT_EFORMAT,
                   "%s: a vocabulary of %zu pieces, the model has embeddings for %zu", file, pieces,
                   rows);
}

static int make_side(struct side *s, tt_lexicon *x, int side, size_t rows, tt_err *e) {
    const tt_piece_list *l = &x->pieces[side];
    bool listed = found(x, x->list[side]), drop = false;
    if (listed && l->count < rows) return too_short(l->file, l->count, rows, e);
    if (found(x, x->spm[side])) {
        const char *file = tt_folder_path(x->folder, x->spm[side]);
        TT_TRY(tt_folder_read(x->folder, x->spm[side], &s->spm, &s->spm_len, e));
        tt_vocab *v = tt_vocab_open_bytes(s->spm, s->spm_len, e);
        if (!v) {
            tt_err_context(e, "%s", file);
            return e->code;
        }
        size_t size = (size_t)tt_vocab_size(v);
        drop = listed && agrees(l, v, rows);
        tt_vocab_close(v);
        if (!listed && size != rows) return too_short(file, size, rows, e);
    }
    return listed && !drop ? make_list(s, l, rows, x->arena, e) : 0;
}

static int write_bytes(tt_modelwriter *w, const char *name, const void *p, size_t n, tt_err *e) {
    return tt_modelwriter_bytes(w, name, p, n, TT_CODEC_DEFLATE, e);
}

static bool same_bytes(const void *p, size_t n, const void *q, size_t m) {
    return (p == NULL) == (q == NULL) && n == m && (!p || !memcmp(p, q, n));
}

int tt_lexicon_write(tt_lexicon *x, tt_modelwriter *w, size_t source_rows, size_t target_rows,
                     char what[200], tt_err *e) {
    struct side s[2] = {0};
    TT_TRY(make_side(&s[0], x, 0, source_rows, e));
    TT_TRY(make_side(&s[1], x, 1, target_rows, e));
    bool joint = same_bytes(s[0].list, s[0].list_len, s[1].list, s[1].list_len) &&
                 same_bytes(s[0].spm, s[0].spm_len, s[1].spm, s[1].spm_len);
    static const char *const names[3][2] = {{"source.spm", "source.vocab"},
                                            {"target.spm", "target.vocab"},
                                            {"vocab.spm", "vocab.list"}};
    for (int side = 0; side < (joint ? 1 : 2); side++) {
        const char *const *name = names[joint ? 2 : side];
        if (s[side].spm) TT_TRY(write_bytes(w, name[0], s[side].spm, s[side].spm_len, e));
        if (s[side].list) TT_TRY(write_bytes(w, name[1], s[side].list, s[side].list_len, e));
    }
    for (int side = 0; side < 2; side++) {
        x->vocab[side] = side && joint ? x->vocab[0]
                                       : tt_vocab_open_parts(s[side].spm, s[side].spm_len,
                                                             s[side].list, s[side].list_len, e);
        if (!x->vocab[side]) return e->code;
    }
    snprintf(what, 200, "%s: %zu%s%.0zu pieces, %s", joint ? "one vocabulary" : "two vocabularies",
             source_rows, joint ? "" : " and ", joint ? 0 : target_rows,
             s[0].spm && s[0].list ? "SentencePiece with ids of a list"
             : s[0].spm            ? "SentencePiece"
                                   : "words between blanks");
    return 0;
}

void tt_lexicon_close(tt_lexicon *x) {
    if (x->vocab[1] != x->vocab[0]) tt_vocab_close(x->vocab[1]);
    tt_vocab_close(x->vocab[0]);
}
