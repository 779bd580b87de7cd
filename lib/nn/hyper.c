/* hyper.c: see hyper.h. The rows of hyper.def become a table of names, offsets and ranges, and
 * everything below walks that table.
 */
#include "nn/init.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_INT, ROW_REAL, ROW_NAME, ROW_PICK, ROW_CHOICE, ROW_EACH, ROW_LIST };

static const struct row {
    const char *name;
    int kind;
    size_t at;
    double def, low, high;
    const char *def_name, *names;
    int class;
    const tt_family *family;
    bool if_said; /* the file has the setting only where it is not the default */
} rows[] = {
#define INT(field, name, def, low, high, class, help)                                              \
    {name, ROW_INT, offsetof(tt_hyper, field), def,  low,  high,                                   \
     NULL, NULL,    TT_HYPER_##class,          NULL, false},
#define REAL(field, name, def, low, high, class, help)                                             \
    {name, ROW_REAL, offsetof(tt_hyper, field), def,  low,  high,                                  \
     NULL, NULL,     TT_HYPER_##class,          NULL, false},
#define NAME(field, name, def, names, class, help)                                                 \
    {name, ROW_NAME, offsetof(tt_hyper, field), 0, 0, 0, def, names, TT_HYPER_##class, NULL, false},
#define PICK(field, name, def, fam, class, help)                                                   \
    {name, ROW_PICK,         offsetof(tt_hyper, field), 0,    0, 0, def,                           \
     NULL, TT_HYPER_##class, &tt_family_##fam,          false},
#define SAID_INT(field, name, def, low, high, class, help)                                         \
    {name, ROW_INT, offsetof(tt_hyper, field), def,  low, high,                                    \
     #def, NULL,    TT_HYPER_##class,          NULL, true},
#define SAID_NAME(field, name, def, names, class, help)                                            \
    {name, ROW_NAME, offsetof(tt_hyper, field), 0, 0, 0, def, names, TT_HYPER_##class, NULL, true},
#define SAID_PICK(field, name, def, fam, class, help)                                              \
    {name, ROW_PICK,         offsetof(tt_hyper, field), 0,   0, 0, def,                            \
     NULL, TT_HYPER_##class, &tt_family_##fam,          true},
#define CHOICE(field, name, def, fam, class, help)                                                 \
    {name, ROW_CHOICE,       offsetof(tt_hyper, field), 0,   0, 0, def,                            \
     NULL, TT_HYPER_##class, &tt_family_##fam,          true},
#define EACH(name, fam, help)                                                                      \
    {name, ROW_EACH, 0, 0, 0, 0, NULL, NULL, TT_HYPER_MODEL, &tt_family_##fam, false},
#define LIST(field, name, low, high, class, help)                                                  \
    {name,   ROW_LIST, offsetof(tt_hyper, field), 0,    low, high,                                 \
     "auto", NULL,     TT_HYPER_##class,          NULL, true},
#include "nn/hyper.def"
};
enum { ROWS = sizeof rows / sizeof rows[0] };
_Static_assert(ROWS <= 64, "tt_hyper.said has a bit for each row");

/* The place of `word` (len) among "a|b|c", or -1. */
static int place(const char *names, const char *word, size_t len) {
    int i = 0;
    for (const char *p = names;; i++) {
        size_t n = strcspn(p, "|");
        if (n == len && !memcmp(p, word, n)) return i;
        if (!p[n]) return -1;
        p += n + 1;
    }
}

/* The place of a word of a NAME or PICK, or -1. */
static int place_of(const struct row *r, const char *word) {
    size_t len = strlen(word);
    return r->family ? tt_family_place(r->family, word, len) : place(r->names, word, len);
}

static int *int_at(tt_hyper *h, const struct row *r) { return (int *)(void *)((char *)h + r->at); }

static double *real_at(tt_hyper *h, const struct row *r) {
    return (double *)(void *)((char *)h + r->at);
}

static const int *int_in(const tt_hyper *h, const struct row *r) {
    return (const int *)(const void *)((const char *)h + r->at);
}

static const double *real_in(const tt_hyper *h, const struct row *r) {
    return (const double *)(const void *)((const char *)h + r->at);
}

static tt_pick *pick_at(tt_hyper *h, const struct row *r) {
    return (tt_pick *)(void *)((char *)h + r->at);
}

static const tt_pick *pick_in(const tt_hyper *h, const struct row *r) {
    return (const tt_pick *)(const void *)((const char *)h + r->at);
}

static tt_layered *list_at(tt_hyper *h, const struct row *r) {
    return (tt_layered *)(void *)((char *)h + r->at);
}

static const tt_layered *list_in(const tt_hyper *h, const struct row *r) {
    return (const tt_layered *)(const void *)((const char *)h + r->at);
}

/* The default of a CHOICE: its row with the settings' own. */
static tt_pick default_pick(const struct row *r) {
    tt_pick p = {0};
    tt_err e;
    (void)tt_pick_read(&p, r->family, r->def_name, &e);
    return p;
}

void tt_hyper_init(tt_hyper *h) {
    memset(h, 0, sizeof *h);
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->kind == ROW_INT) *int_at(h, r) = (int)r->def;
        else if (r->kind == ROW_REAL) *real_at(h, r) = r->def;
        else if (r->kind == ROW_CHOICE) *pick_at(h, r) = default_pick(r);
        else if (r->kind == ROW_EACH || r->kind == ROW_LIST) continue;
        else *int_at(h, r) = place_of(r, r->def_name); /* "": -1 */
    }
}

/* Sets the CHOICEs of a family where the row may stand, as far as they were not set by themselves.
 */
static void set_each(tt_hyper *h, const tt_family *family, const tt_pick *pick) {
    const tt_attend_row *chosen = (const tt_attend_row *)pick->row;
    int site = 0; /* the rows of a family stand in the order of the sites */
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->kind != ROW_CHOICE || r->family != family) continue;
        if (!(h->said >> (r - rows) & 1) && chosen->sites >> site & 1) *pick_at(h, r) = *pick;
        site++;
    }
}

/* "8,6,8", or "auto". */
static int set_list(tt_layered *l, const struct row *r, const char *value, tt_err *e) {
    tt_layered read = {0};
    const char *at = value;
    int ended = !strcmp(value, r->def_name);
    while (!ended) {
        char *end;
        const long x = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : -1;
        if (x < (long)r->low || x > (long)r->high || (*end && *end != ',') ||
            read.count == TT_LAYERS_MOST)
            return tt_fail(e, TT_EUSAGE,
                           "%s: '%.60s' is no list of at most %d numbers from %g to %g, as 8,6,8",
                           r->name, value, TT_LAYERS_MOST, r->low, r->high);
        read.n[read.count++] = (unsigned char)x;
        ended = !*end;
        at = end + 1;
    }
    *l = read;
    return 0;
}

int tt_hyper_set(tt_hyper *h, const char *name, const char *value, tt_err *e) {
    const struct row *r = rows;
    while (r < rows + ROWS && strcmp(r->name, name) != 0) r++;
    if (r == rows + ROWS) return tt_fail(e, TT_EUSAGE, "no model setting is called '%s'", name);
    if (r->family) {
        tt_pick pick;
        if (tt_pick_read(&pick, r->family, value, e)) return tt_err_context(e, "%s", name);
        h->said |= (uint64_t)1 << (r - rows);
        if (r->kind == ROW_EACH) set_each(h, r->family, &pick);
        else if (r->kind == ROW_CHOICE) *pick_at(h, r) = pick;
        else *int_at(h, r) = place_of(r, pick.row->name);
        return 0;
    }
    if (r->kind == ROW_LIST) {
        TT_TRY(set_list(list_at(h, r), r, value, e));
        h->said |= (uint64_t)1 << (r - rows);
        return 0;
    }
    if (r->kind == ROW_NAME) {
        int at = place_of(r, value);
        if (at < 0) return tt_fail(e, TT_EUSAGE, "%s: '%s' is none of %s", name, value, r->names);
        *int_at(h, r) = at;
        return 0;
    }
    char *end;
    errno = 0;
    double x = strtod(value, &end);
    if (end == value || *end || errno || !(x >= r->low && x <= r->high) ||
        (r->kind == ROW_INT && x != (int)x))
        return tt_fail(e, TT_EUSAGE, "%s: '%s' is not a%s number from %g to %g", name, value,
                       r->kind == ROW_INT ? " whole" : "", r->low, r->high);
    if (r->kind == ROW_INT) *int_at(h, r) = (int)x;
    else *real_at(h, r) = x;
    return 0;
}

int tt_hyper_layers(const tt_hyper *h, int site) {
    return site == TT_SITE_ENC ? h->enc_layers : h->dec_layers;
}

tt_attend tt_hyper_attend(const tt_hyper *h, tt_spot at) {
    const tt_layered *of = &h->heads_of[at.site];
    return (tt_attend){h->align[at.site],
                       h->dist[at.site],
                       h->reach[at.site],
                       at.layer < of->count ? of->n[at.layer] : h->heads,
                       h->dim / h->heads,
                       at.site,
                       (float)h->attention_dropout,
                       h->max_length,
                       at.site == TT_SITE_CROSS ? NULL : tt_position_at(h->positions),
                       false,
                       {TT_TELL_WEIGHTS, 0},
                       NULL};
}

const tt_cell *tt_hyper_encoder_cell(const tt_hyper *h) {
    return ((const tt_side *)h->encoder.row)->cell;
}

const tt_cell *tt_hyper_decoder_cell(const tt_hyper *h) {
    return ((const tt_side *)h->decoder.row)->cell;
}

bool tt_hyper_projects(const tt_hyper *h) {
    return h->projections.row == tt_family_projections.row(0);
}

bool tt_hyper_attends(const tt_hyper *h, int site) {
    const bool recurrent = tt_hyper_decoder_cell(h) != NULL;
    if (site == TT_SITE_ENC) return !tt_hyper_encoder_cell(h);
    if (site == TT_SITE_DEC) return !recurrent && h->autoreg == TT_AUTOREG_ATTENTION;
    return !recurrent || h->decoder.set[TT_SIDE_ATTENTION] != TT_RNN_NONE;
}

/* Whether one of the settings was set by itself. */
static bool was_said(const tt_hyper *h, const char *one, const char *other) {
    for (const struct row *r = rows; r < rows + ROWS; r++)
        if ((!strcmp(r->name, one) || !strcmp(r->name, other)) && h->said >> (r - rows) & 1)
            return true;
    return false;
}

/* Two recurrent sides have nothing for these to be about. */
static int check_recurrent(const tt_hyper *h, tt_err *e) {
    static const char *const none[] = {"norm", "positions", "autoreg"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (tt_hyper_encoder_cell(h) && tt_hyper_decoder_cell(h) && was_said(h, none[i], none[i]))
            return tt_fail(e, TT_ECONFIG,
                           "--%s is for a Transformer, and --encoder %s and --decoder %s are none; "
                           "leave the option out",
                           none[i], h->encoder.row->name, h->decoder.row->name);
    return 0;
}

/* A reach longer than the longest text is a slip; the settings' own defaults are not. */
static int check_lengths(const tt_hyper *h, tt_err *e) {
    for (int site = 0; site < TT_SITES; site++) {
        const tt_setting *s = h->reach[site].row->settings;
        for (int i = 0; s && s[i].name; i++)
            if (!s[i].words && h->reach[site].set[i] > h->max_length &&
                h->reach[site].set[i] > s[i].usual)
                return tt_fail(
                    e, TT_ECONFIG,
                    "reach %s: %s=%g is more than --max-positions %d; take less, or more "
                    "positions",
                    h->reach[site].row->name, s[i].name, h->reach[site].set[i], h->max_length);
    }
    return 0;
}

/* Where there is no attention, what was said for every place is not for that one. */
static int check_places(tt_hyper *h, tt_err *e) {
    static const char *const why[TT_SITES] = {"the encoder is recurrent",
                                              "the decoder has no self-attention",
                                              "the decoder does not attend"};
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        int site = -1;
        for (int i = 0; r->kind == ROW_CHOICE && i < TT_SITES; i++)
            if (pick_in(h, r) == &h->align[i] || pick_in(h, r) == &h->dist[i] ||
                pick_in(h, r) == &h->reach[i])
                site = i;
        if (site < 0 || tt_hyper_attends(h, site)) continue;
        if (h->said >> (r - rows) & 1)
            return tt_fail(e, TT_ECONFIG, "--%s: %s; leave the option out", r->name, why[site]);
        *pick_at(h, r) = default_pick(r);
    }
    return 0;
}

/* A recurrent decoder's own alignment, where none was asked for: that of its paper. */
static int choose_align(tt_hyper *h, tt_err *e) {
    if (!tt_hyper_decoder_cell(h) || !was_said(h, "decoder", "decoder") ||
        was_said(h, "align", "cross-align"))
        return 0;
    const bool luong = h->decoder.set[TT_SIDE_ATTENTION] == TT_RNN_LUONG;
    return tt_pick_read(&h->align[TT_SITE_CROSS], &tt_family_align, luong ? "general" : "additive",
                        e);
}

/* Lists of heads have a number for each layer, where there are layers of attention. */
static int check_heads(const tt_hyper *h, tt_err *e) {
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->kind != ROW_LIST || !list_in(h, r)->count) continue;
        const int site = (int)(list_in(h, r) - h->heads_of), layers = tt_hyper_layers(h, site);
        if (!tt_hyper_attends(h, site) || (site != TT_SITE_ENC && tt_hyper_decoder_cell(h)))
            return tt_fail(e, TT_ECONFIG, "--%s: there are no layers of attention; leave it out",
                           r->name);
        if (!tt_hyper_projects(h))
            return tt_fail(e, TT_ECONFIG,
                           "--%s: without projections all layers have --heads; leave it out",
                           r->name);
        if (list_in(h, r)->count != layers)
            return tt_fail(e, TT_ECONFIG, "--%s has %d numbers for %d layers", r->name,
                           list_in(h, r)->count, layers);
    }
    return 0;
}

static int check(const tt_hyper *h, tt_err *e) {
    if (h->dim % h->heads)
        return tt_fail(e, TT_ECONFIG, "--heads %d does not divide --dim %d", h->heads, h->dim);
    if (h->dim % 2)
        return tt_fail(e, TT_ECONFIG, "--dim %d is odd; positions need sines and cosines", h->dim);
    if (h->vocab < 2 || h->tgt_vocab < 2)
        return tt_fail(e, TT_ECONFIG, "a vocabulary of %d pieces is too small",
                       h->vocab < 2 ? h->vocab : h->tgt_vocab);
    if (h->tied == TT_TIED_ALL && h->vocab != h->tgt_vocab)
        return tt_fail(e, TT_ECONFIG,
                       "--tied all needs one vocabulary, not two of %d and %d pieces", h->vocab,
                       h->tgt_vocab);
    if (h->start >= h->tgt_vocab)
        return tt_fail(e, TT_ECONFIG, "--start-token %d: the vocabulary has %d pieces", h->start,
                       h->tgt_vocab);
    if (h->feed_forward.row != tt_family_feed_forward.row(0) &&
        was_said(h, "activation", "activation"))
        return tt_fail(e, TT_ECONFIG,
                       "--feed-forward %s has an activation of its own; leave --activation out",
                       h->feed_forward.row->name);
    if (h->norm == TT_NORM_NONE && (h->top_norm == TT_TOP_NORM_YES || h->emb_norm))
        return tt_fail(e, TT_ECONFIG, "--norm none has no normalisation; leave --%s out",
                       h->emb_norm ? "embedding-norm" : "top-norm");
    if (!tt_hyper_projects(h) && tt_hyper_decoder_cell(h))
        return tt_fail(
            e, TT_ECONFIG,
            "--projections no is for a Transformer decoder; a recurrent one has none with "
            "--heads 1, and needs them with more: leave the option out");
    TT_TRY(tt_init_check(h, e));
    TT_TRY(tt_side_check(&h->decoder, e));
    if (tt_hyper_texts(h) == 2 && !tt_hyper_attends(h, TT_SITE_CROSS))
        return tt_fail(e, TT_ECONFIG,
                       "--second-source %s is read by attention, and the decoder does not attend; "
                       "take attention=bahdanau or luong",
                       tt_family_second.row(h->second)->name);
    if (h->context && h->second != TT_SECOND_NONE)
        return tt_fail(e, TT_ECONFIG,
                       "--context-lines %d and --second-source %s both give a text a second one; "
                       "leave one of the two out",
                       h->context, tt_family_second.row(h->second)->name);
    if (h->align_layer >= h->dec_layers)
        return tt_fail(e, TT_ECONFIG, "--alignment-layer %d: the decoder has layers 0 to %d",
                       h->align_layer, h->dec_layers - 1);
    TT_TRY(check_heads(h, e));
    const int from = h->align_layer < 0 ? h->dec_layers - 1 : h->align_layer,
              heads = tt_hyper_attend(h, (tt_spot){TT_SITE_CROSS, from}).heads;
    if (h->align_head >= heads)
        return tt_fail(e, TT_ECONFIG, "--alignment-head %d: a layer has heads 0 to %d",
                       h->align_head, heads - 1);
    for (int site = 0; site < TT_SITES; site++) {
        const tt_attend a = tt_hyper_attend(h, (tt_spot){site, 0});
        TT_TRY(tt_attend_check(&a, e));
        if (h->norm == TT_NORM_NONE && tt_hyper_attends(h, site) && tt_attend_needs_norm(&a))
            return tt_fail(e, TT_ECONFIG,
                           "distribution %s makes sums that grow with the text; take --norm pre or "
                           "post with it",
                           a.dist.row->name);
    }
    return 0;
}

bool tt_hyper_sines(const tt_hyper *h) { return tt_position_at(h->positions)->fill != NULL; }

int tt_hyper_texts(const tt_hyper *h) { return h->second == TT_SECOND_NONE ? 1 : 2; }

int tt_hyper_dec_ffn(const tt_hyper *h) { return h->dec_ffn ? h->dec_ffn : h->ffn; }

int tt_hyper_finish(tt_hyper *h, int vocab, tt_err *e) {
    return tt_hyper_finish_two(h, vocab, vocab, e);
}

int tt_hyper_finish_two(tt_hyper *h, int vocab, int tgt_vocab, tt_err *e) {
    const tt_preset *p = (const tt_preset *)tt_family_preset.row(h->preset);
    if (h->dim < 0) h->dim = p->dim;
    if (h->heads < 0)
        h->heads = tt_hyper_encoder_cell(h) && tt_hyper_decoder_cell(h) ? 1 : p->heads;
    if (h->ffn < 0) h->ffn = p->ffn;
    if (h->enc_layers < 0) h->enc_layers = p->enc_layers;
    if (h->dec_layers < 0) h->dec_layers = p->dec_layers;
    if (h->autoreg < 0) h->autoreg = p->autoreg;
    h->vocab = vocab;
    h->tgt_vocab = tgt_vocab;
    TT_TRY(choose_align(h, e));
    TT_TRY(check_places(h, e));
    TT_TRY(check_lengths(h, e));
    TT_TRY(check_recurrent(h, e));
    return check(h, e);
}

static void write_list(char value[TT_HYPER_VALUE], const tt_layered *l, const char *none) {
    size_t n = (size_t)snprintf(value, TT_HYPER_VALUE, "%s", l->count ? "" : none);
    for (int i = 0; i < l->count && n < TT_HYPER_VALUE; i++)
        n += (size_t)snprintf(value + n, TT_HYPER_VALUE - n, i ? ",%d" : "%d", l->n[i]);
}

static void write_value(char value[TT_HYPER_VALUE], const struct row *r, const tt_hyper *h) {
    const char *p = r->names;
    const tt_row *row;
    char text[TT_PICK_TEXT];
    switch (r->kind) {
    case ROW_EACH: value[0] = 0; break;
    case ROW_LIST: write_list(value, list_in(h, r), r->def_name); break;
    case ROW_CHOICE:
        tt_pick_write(pick_in(h, r), text);
        snprintf(value, TT_HYPER_VALUE, "%.*s", TT_HYPER_VALUE - 1, text);
        break;
    case ROW_INT: snprintf(value, TT_HYPER_VALUE, "%d", *int_in(h, r)); break;
    case ROW_REAL: snprintf(value, TT_HYPER_VALUE, "%.9g", *real_in(h, r)); break;
    case ROW_PICK:
        row = r->family->row(*int_in(h, r));
        snprintf(value, TT_HYPER_VALUE, "%s", row ? row->name : "");
        break;
    default:
        for (int i = *int_in(h, r); i > 0; i--) p += strcspn(p, "|") + 1;
        snprintf(value, TT_HYPER_VALUE, "%.*s", (int)strcspn(p, "|"), p);
    }
}

bool tt_hyper_differs(const tt_hyper *a, const tt_hyper *b, const char **name,
                      char a_value[TT_HYPER_VALUE], char b_value[TT_HYPER_VALUE]) {
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        write_value(a_value, r, a);
        write_value(b_value, r, b);
        *name = r->name;
        if (strcmp(a_value, b_value) != 0) return true;
    }
    snprintf(a_value, TT_HYPER_VALUE, "%d+%d", a->vocab, a->tgt_vocab);
    snprintf(b_value, TT_HYPER_VALUE, "%d+%d", b->vocab, b->tgt_vocab);
    *name = "vocabulary";
    return strcmp(a_value, b_value) != 0;
}

int tt_hyper_at(const tt_hyper *h, int i, tt_hyper_setting *s) {
    const struct row *r = rows;
    for (; i >= 0 && r < rows + ROWS; r++) /* an EACH is an option, not a setting */
        if (r->kind != ROW_EACH && !i--) break;
    if (i >= 0 || r == rows + ROWS) return 0;
    tt_hyper usual;
    char text[TT_HYPER_VALUE];
    tt_hyper_init(&usual);
    s->name = r->name;
    s->words = r->names;
    s->family = r->family;
    s->class = r->class;
    write_value(s->value, r, h);
    write_value(text, r, &usual);
    s->usual = r->kind == ROW_NAME || r->kind == ROW_PICK ? *int_in(&usual, r) == *int_in(h, r)
                                                          : !strcmp(text, s->value);
    return 1;
}

int tt_hyper_get(const tt_hyper *h, const char *name, tt_hyper_setting *s) {
    for (int i = 0; tt_hyper_at(h, i, s); i++)
        if (!strcmp(s->name, name)) return 1;
    return 0;
}

int tt_hyper_write(const tt_hyper *h, tt_modelwriter *w, tt_err *e) {
    TT_TRY(tt_modelwriter_set(w, "model.type", "transformer", e));
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        char key[64], value[TT_HYPER_VALUE];
        snprintf(key, sizeof key, "model.%s", r->name);
        write_value(value, r, h);
        if (r->kind == ROW_EACH || (r->if_said && !strcmp(value, r->def_name))) continue;
        TT_TRY(tt_modelwriter_set(w, key, value, e));
    }
    char value[32];
    snprintf(value, sizeof value, "%d", h->vocab);
    TT_TRY(tt_modelwriter_set(w, "model.vocab", value, e));
    if (h->tgt_vocab == h->vocab) return 0;
    snprintf(value, sizeof value, "%d", h->tgt_vocab);
    return tt_modelwriter_set(w, "model.target-vocab", value, e);
}

/* One setting, from the file or by default. */
static int read_row(tt_hyper *h, const struct row *r, const tt_modelfile *mf, tt_err *e) {
    char key[64];
    snprintf(key, sizeof key, "model.%s", r->name);
    const char *name = tt_modelfile_name(mf), *value = tt_modelfile_get(mf, key);
    if (!value) {
        const bool named = r->kind == ROW_NAME || r->kind == ROW_PICK;
        int by_preset = r->kind == ROW_INT ? r->def < r->low : named && *int_at(h, r) < 0;
        if (!by_preset) return 0;
        if (r->at == offsetof(tt_hyper, autoreg)) {
            h->autoreg = TT_AUTOREG_ATTENTION; /* a file older than the setting */
            return 0;
        }
        return tt_fail(e, TT_EFORMAT, "%s: setting %s is missing", name, key);
    }
    if (!tt_hyper_set(h, r->name, value, e)) return 0;
    e->code = TT_EFORMAT;
    tt_err_context(e, "%s", name);
    return TT_EFORMAT;
}

/* A setting of a later version would change what the model computes: it must not be passed over. */
static int check_known(const tt_modelfile *mf, tt_err *e) {
    static const char *const others[] = {"type", "vocab", "target-vocab"};
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        const char *key, *value;
        tt_modelfile_meta(mf, i, &key, &value);
        if (strncmp(key, "model.", 6) != 0) continue;
        int known = 0;
        for (const struct row *r = rows; r < rows + ROWS; r++) known |= !strcmp(key + 6, r->name);
        for (size_t j = 0; j < sizeof others / sizeof others[0]; j++)
            known |= !strcmp(key + 6, others[j]);
        if (!known)
            return tt_fail(e, TT_EFORMAT,
                           "%s: setting %s is unknown; a newer ttrans made this model",
                           tt_modelfile_name(mf), key);
    }
    return 0;
}

static int read_size(const tt_modelfile *mf, const char *key, const char *missing, int *size,
                     tt_err *e) {
    const char *v = tt_modelfile_get(mf, key);
    if (!v) v = missing;
    char *end = NULL;
    long n = v ? strtol(v, &end, 10) : 0;
    if (!v || *end || n < 2 || n > 1 << 24)
        return tt_fail(e, TT_EFORMAT, "%s: setting %s is %s", tt_modelfile_name(mf), key,
                       v ? v : "missing");
    *size = (int)n;
    return 0;
}

int tt_hyper_read(tt_hyper *h, const tt_modelfile *mf, tt_err *e) {
    const char *name = tt_modelfile_name(mf), *type = tt_modelfile_get(mf, "model.type");
    if (!type || strcmp(type, "transformer") != 0)
        return tt_fail(e, TT_EFORMAT, "%s: holds no transformer (model.type is %s)", name,
                       type ? type : "missing");
    tt_hyper_init(h);
    TT_TRY(check_known(mf, e));
    for (const struct row *r = rows; r < rows + ROWS; r++) TT_TRY(read_row(h, r, mf, e));
    h->said = 0;
    const char *vocab = tt_modelfile_get(mf, "model.vocab");
    TT_TRY(read_size(mf, "model.vocab", NULL, &h->vocab, e));
    TT_TRY(read_size(mf, "model.target-vocab", vocab, &h->tgt_vocab, e));
    if (check(h, e)) {
        tt_err_context(e, "%s", name);
        e->code = TT_EFORMAT;
        return TT_EFORMAT;
    }
    return 0;
}
