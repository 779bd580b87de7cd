/* stages.c: see stages.h. Lines are read one after the other; a line that does not begin with a
 * blank or a dash opens a section, what begins with a dash is an item of it. Stages are named
 * before they are told, or the other way round.
 */
#include "train/stages.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pick.h"
#include "io/file.h"
#include "text/modify.h"

static const size_t most_bytes = 1 << 20;

enum { NOTHING, DATASETS, BESIDE, ORDER, MODIFIERS, STAGE, PASSED_OVER };

struct told { /* a section of a stage */
    const char *name;
    size_t line;
    tt_stage stage;
    int mixes; /* has it an item of a text */
};

struct reader {
    tt_stages *s;
    const char *path;
    size_t line;
    int section;
    int which;        /* links or weights, of a section of files beside texts */
    int in_modifiers; /* of a stage */
    struct told told[TT_STAGES];
    int n_told;
    const char *order[TT_STAGES];
    size_t order_line[TT_STAGES];
    int n_order;
    char modifiers[TT_RUN_VALUE];
    char own[TT_RUN_VALUE]; /* modifiers of the stage at hand */
    tt_growing content;
};

static int wrong(const struct reader *r, const char *what, const char *word, size_t len,
                 tt_err *e) {
    return tt_fail(e, TT_ECONFIG, "%s:%zu: %s%s%.*s%s", r->path, r->line, what, word ? " '" : "",
                   len < 80 ? (int)len : 80, word ? word : "", word ? "'" : "");
}

/* ---- words --------------------------------------------------------------------------------- */

struct word {
    const char *at;
    size_t len;
};

/* The next word of a line between blanks; quotes around it are taken away. 0: none. */
static bool next_word(const char **at, struct word *w) {
    while (**at == ' ') ++*at;
    const char quote = **at == '"' || **at == '\'' ? **at : 0;
    if (quote) ++*at;
    w->at = *at;
    while (**at && (quote ? **at != quote : **at != ' ')) ++*at;
    w->len = (size_t)(*at - w->at);
    if (quote && **at) ++*at;
    return w->len > 0;
}

static bool is_word(const struct word *w, const char *text) {
    return w->len == strlen(text) && !memcmp(w->at, text, w->len);
}

static const char *kept(const struct reader *r, const struct word *w) {
    return tt_arena_text(r->s->arena, w->at, w->len);
}

static int no_memory(const struct reader *r, tt_err *e) {
    return tt_fail(e, TT_ENOMEM, "%s: out of memory", r->path);
}

/* A number of at least 0, to the end of the word. */
static bool read_number(const struct word *w, double *x) {
    char text[64], *end;
    if (!w->len || w->len >= sizeof text || !strchr("0123456789.", w->at[0])) return false;
    memcpy(text, w->at, w->len);
    text[w->len] = 0;
    *x = strtod(text, &end);
    return !*end && isfinite(*x);
}

static int read_scaled(const struct word *w, double *x) {
    struct word digits = *w;
    double by = 1;
    const char last = w->len ? w->at[w->len - 1] : 0;
    if (last == 'k' || last == 'K') by = 1e3;
    else if (last == 'M') by = 1e6;
    else if (last == 'G') by = 1e9;
    if (by > 1) digits.len--;
    if (!read_number(&digits, x)) return 0;
    *x *= by;
    return 1;
}

static int find_text(const tt_stages *s, const struct word *w) {
    for (int i = 0; i < s->texts; i++)
        if (is_word(w, s->text_name[i])) return i;
    return -1;
}

/* ---- sections ------------------------------------------------------------------------------ */

/* A path of the file, beside which it stands. */
static const char *path_of(const struct reader *r, const struct word *w) {
    const char *slash = strrchr(r->path, '/');
    const size_t folder = slash ? (size_t)(slash - r->path) + 1 : 0;
    if (!folder || w->at[0] == '/') return kept(r, w);
    char *path = tt_arena_alloc(r->s->arena, folder + w->len + 1);
    if (!path) return NULL;
    memcpy(path, r->path, folder);
    memcpy(path + folder, w->at, w->len);
    path[folder + w->len] = 0;
    return path;
}

static int read_dataset(struct reader *r, const struct word *name, const char *rest, tt_err *e) {
    tt_stages *s = r->s;
    struct word src, tgt;
    if (find_text(s, name) >= 0) return wrong(r, "a second text is called", name->at, name->len, e);
    if (is_word(name, "until") || is_word(name, "lr") || is_word(name, "restart"))
        return wrong(r, "no text can be called", name->at, name->len, e);
    if (s->texts == TT_STAGE_TEXTS) return wrong(r, "more than 32 texts", NULL, 0, e);
    if (!next_word(&rest, &src)) return wrong(r, "no file behind", name->at, name->len, e);
    tt_parallel *to = &s->source[s->texts];
    *to = (tt_parallel){path_of(r, &src), NULL, 1};
    const int two = next_word(&rest, &tgt);
    if (two) to->tgt = path_of(r, &tgt);
    if (two && next_word(&rest, &src))
        return wrong(r, "more than two files for", name->at, name->len, e);
    s->text_name[s->texts] = kept(r, name);
    if (!s->text_name[s->texts++] || !to->src || (two && !to->tgt)) return no_memory(r, e);
    return 0;
}

/* A file of links or weights of a text. */
static int read_beside(struct reader *r, const struct word *name, const char *rest, tt_err *e) {
    struct word file, more;
    const int text = find_text(r->s, name);
    if (text < 0) return wrong(r, "no text is called", name->at, name->len, e);
    const char **to = &r->s->beside[r->which][text];
    if (*to) return wrong(r, "a second file for", name->at, name->len, e);
    if (!next_word(&rest, &file)) return wrong(r, "no file behind", name->at, name->len, e);
    if (next_word(&rest, &more)) return wrong(r, "more than one file for", name->at, name->len, e);
    *to = path_of(r, &file);
    return *to ? 0 : no_memory(r, e);
}

static int read_until(struct reader *r, struct told *t, const char *rest, tt_err *e) {
    struct word first, second;
    tt_until u = {0, 0, -1};
    if (t->stage.rules == TT_STAGE_RULES) return wrong(r, "more than 8 ends", NULL, 0, e);
    if (!next_word(&rest, &first)) return wrong(r, "nothing behind until", NULL, 0, e);
    const int two = next_word(&rest, &second);
    if (is_word(&first, "stall")) {
        if (!two || !read_number(&second, &u.n) || u.n < 1 || u.n != floor(u.n))
            return wrong(r, "until stall wants a number of validations", NULL, 0, e);
        u.unit = 'v';
    } else if (two) {
        u.unit = 'p';
        u.text = find_text(r->s, &first);
        if (u.text < 0) return wrong(r, "no text is called", first.at, first.len, e);
        if (is_word(&second, "inf")) return 0;
        if (!read_number(&second, &u.n) || !(u.n > 0))
            return wrong(r, "until TEXT wants how often, not", second.at, second.len, e);
    } else {
        static const char units[] = "ute", times[] = "smhd";
        static const double seconds[] = {1, 60, 3600, 86400};
        const char unit = first.at[first.len - 1];
        const char *time = strchr(times, unit);
        struct word number = {first.at, first.len - 1};
        u.unit = time ? 's' : unit;
        if ((!time && !strchr(units, unit)) || !read_scaled(&number, &u.n) || !(u.n > 0))
            return wrong(
                r, "until wants TEXT N, stall N, or a count such as 500u, 10Mt, 2e or 30m, not",
                first.at, first.len, e);
        if (time) u.n *= seconds[time - times];
    }
    if (next_word(&rest, &first)) return wrong(r, "too much behind until:", first.at, first.len, e);
    t->stage.until[t->stage.rules++] = u;
    return 0;
}

static int read_item(struct reader *r, struct told *t, const char *text, tt_err *e) {
    struct word first, second, more;
    const char *rest = text;
    double x;
    if (!next_word(&rest, &first)) return wrong(r, "an empty item", NULL, 0, e);
    if (is_word(&first, "until")) return read_until(r, t, rest, e);
    const int has = next_word(&rest, &second);
    if (has && next_word(&rest, &more)) return wrong(r, "too much:", more.at, more.len, e);
    if (is_word(&first, "restart")) {
        t->stage.restart = 1;
        return has ? wrong(r, "nothing may follow", first.at, first.len, e) : 0;
    }
    const int lr = is_word(&first, "lr"), place = lr ? 0 : find_text(r->s, &first);
    if (place < 0) return wrong(r, "no text is called", first.at, first.len, e);
    if (!has || !read_number(&second, &x) || (lr && !(x > 0)))
        return wrong(r, lr ? "lr wants a number above 0" : "a share is missing behind", first.at,
                     first.len, e);
    if (lr) t->stage.rate = x;
    else {
        if (t->stage.share[place] > 0) return wrong(r, "a second share of", first.at, first.len, e);
        t->stage.share[place] = x;
        t->mixes = 1;
    }
    return 0;
}

/* "upper:share=0.05", or the way of OpusTrainer, "UpperCase: 0.05". */
static int read_modifier(struct reader *r, char *list, const char *text, tt_err *e) {
    static const struct {
        const char *theirs, *ours;
    } names[] = {{"UpperCase", "upper"}, {"TitleCase", "title"}, {"Typos", "typos"},
                 {"Merge", "join"},      {"Noise", "noise"},     {"Prefix", "prefix"}};
    char row[TT_PICK_TEXT];
    struct word first, second, more;
    const char *rest = text;
    tt_err why = {0};
    if (!next_word(&rest, &first)) return wrong(r, "an empty item", NULL, 0, e);
    const int share = next_word(&rest, &second), theirs = first.at[first.len - 1] == ':';
    if (theirs) first.len--;
    for (size_t i = 0; theirs && i < sizeof names / sizeof *names; i++)
        if (is_word(&first, names[i].theirs))
            first = (struct word){names[i].ours, strlen(names[i].ours)};
    if (share != theirs || next_word(&rest, &more))
        return wrong(r, "a modifier is NAME:share=X or NAME: X, not", text, strlen(text), e);
    snprintf(row, sizeof row, "%.*s%s%.*s", (int)first.len, first.at, share ? ":share=" : "",
             share ? (int)second.len : 0, share ? second.at : "");
    tt_pick pick;
    if (tt_pick_read(&pick, &tt_family_modifier, row, &why))
        return tt_fail(e, TT_ECONFIG, "%s:%zu: %s", r->path, r->line, why.msg);
    const size_t n = strlen(list);
    if (n + strlen(row) + 2 > TT_RUN_VALUE) return wrong(r, "too many modifiers", NULL, 0, e);
    snprintf(list + n, TT_RUN_VALUE - n, "%s%s", n ? "," : "", row);
    return 0;
}

/* ---- lines --------------------------------------------------------------------------------- */

static struct told *at_hand(struct reader *r) { return &r->told[r->n_told - 1]; }

/* The stage at hand has all its lines. */
static int end_stage(struct reader *r, tt_err *e) {
    if (r->section != STAGE || !*r->own) return 0;
    at_hand(r)->stage.modifiers = tt_arena_text(r->s->arena, r->own, strlen(r->own));
    *r->own = 0;
    return at_hand(r)->stage.modifiers ? 0 : no_memory(r, e);
}

static int open_section(struct reader *r, const struct word *key, const char *rest, tt_err *e) {
    static const char *const others[] = {"seed", "num_fields", "trainer"};
    struct word value;
    TT_TRY(end_stage(r, e));
    r->in_modifiers = 0;
    const int has = next_word(&rest, &value);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_word(key, others[i])) {
            r->section = PASSED_OVER;
            return 0;
        }
    if (has) return wrong(r, "nothing may stand behind", key->at, key->len + 1, e);
    r->section = is_word(key, "datasets")    ? DATASETS
                 : is_word(key, "stages")    ? ORDER
                 : is_word(key, "modifiers") ? MODIFIERS
                                             : STAGE;
    for (int i = 0; i < TT_BESIDE; i++)
        if (is_word(key, tt_beside_options[i])) r->section = BESIDE, r->which = i;
    if (r->section != STAGE) return 0;
    for (int i = 0; i < r->n_told; i++)
        if (is_word(key, r->told[i].name))
            return wrong(r, "a second stage is called", key->at, key->len, e);
    if (r->n_told == TT_STAGES) return wrong(r, "more than 64 stages", NULL, 0, e);
    r->told[r->n_told++] =
        (struct told){kept(r, key), r->line, {.name = kept(r, key), .rate = 1}, 0};
    return at_hand(r)->name ? 0 : no_memory(r, e);
}

static int read_list_item(struct reader *r, const char *text, tt_err *e) {
    struct word w;
    switch (r->section) {
    case ORDER:
        if (!next_word(&text, &w)) return wrong(r, "an empty item", NULL, 0, e);
        if (r->n_order == TT_STAGES) return wrong(r, "more than 64 stages", NULL, 0, e);
        r->order_line[r->n_order] = r->line;
        r->order[r->n_order++] = kept(r, &w);
        return r->order[r->n_order - 1] ? 0 : no_memory(r, e);
    case MODIFIERS: return read_modifier(r, r->modifiers, text, e);
    case STAGE:
        return r->in_modifiers ? read_modifier(r, r->own, text, e)
                               : read_item(r, at_hand(r), text, e);
    case PASSED_OVER: return 0;
    default: return wrong(r, "an item outside a stage:", text, strlen(text), e);
    }
}

/* An indented line that is no item: a dataset, or a part of a stage. */
static int read_inside(struct reader *r, const char *text, tt_err *e) {
    const char *colon = strchr(text, ':');
    struct word key = {text, colon ? (size_t)(colon - text) : strlen(text)};
    if (r->section == PASSED_OVER) return 0;
    if (!colon) return wrong(r, "no colon in", text, strlen(text), e);
    if (key.len > 1 && (*key.at == '"' || *key.at == '\'') && key.at[key.len - 1] == *key.at)
        key = (struct word){key.at + 1, key.len - 2};
    if (r->section == DATASETS) return read_dataset(r, &key, colon + 1, e);
    if (r->section == BESIDE) return read_beside(r, &key, colon + 1, e);
    const int mix = is_word(&key, "mix"), modifiers = is_word(&key, "modifiers");
    if (r->section == STAGE && (mix || modifiers) && !colon[1 + strspn(colon + 1, " ")]) {
        r->in_modifiers = modifiers;
        return 0;
    }
    if (r->section == MODIFIERS || r->in_modifiers)
        return wrong(r, "settings stand behind the modifier, as in typos:share=0.1,words=0.2; not",
                     text, strlen(text), e);
    return wrong(r, "not understood:", text, strlen(text), e);
}

/* Takes a note and blanks away from the end. */
static void trim(char *line) {
    for (char *c = line; *c; c++)
        if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) *c = 0;
    size_t n = strlen(line);
    while (n && isspace((unsigned char)line[n - 1])) line[--n] = 0;
}

static int read_line(struct reader *r, char *line, tt_err *e) {
    trim(line);
    if (!*line) return 0;
    tt_growing_add(&r->content, line, strlen(line));
    tt_growing_add(&r->content, "\n", 1);
    if (strchr(line, '\t')) return wrong(r, "a TAB; blanks are wanted", NULL, 0, e);
    const char *text = line + strspn(line, " ");
    if (text[0] == '-' && (text[1] == ' ' || !text[1]))
        return read_list_item(r, text + 1 + strspn(text + 1, " "), e);
    if (text > line) return read_inside(r, text, e);
    const char *colon = strchr(text, ':');
    if (!colon) return wrong(r, "no colon in", text, strlen(text), e);
    const struct word key = {text, (size_t)(colon - text)};
    return open_section(r, &key, colon + 1, e);
}

/* Puts the stages in the order in which they are named. */
static int put_in_order(struct reader *r, tt_err *e) {
    tt_stages *s = r->s;
    if (!s->texts) return tt_fail(e, TT_ECONFIG, "%s: no datasets", r->path);
    if (!r->n_order) return tt_fail(e, TT_ECONFIG, "%s: no stages", r->path);
    for (int i = 0; i < r->n_order; i++) {
        int k = 0;
        while (k < r->n_told && strcmp(r->told[k].name, r->order[i]) != 0) k++;
        r->line = r->order_line[i];
        if (k == r->n_told)
            return wrong(r, "nothing is told of the stage", r->order[i], strlen(r->order[i]), e);
        const struct told *t = &r->told[k];
        double sum = 0;
        for (int c = 0; c < s->texts; c++) sum += t->stage.share[c];
        r->line = t->line;
        if (!(sum > 0)) return wrong(r, "no text has a share in", t->name, strlen(t->name), e);
        for (int u = 0; u < t->stage.rules; u++)
            if (t->stage.until[u].unit == 'p' && !(t->stage.share[t->stage.until[u].text] > 0))
                return wrong(r, "the stage waits for a text that has no share:", t->name,
                             strlen(t->name), e);
        if (!t->stage.rules && i + 1 < r->n_order)
            return wrong(r, "a stage before the last one has no end (until):", t->name,
                         strlen(t->name), e);
        s->stage[s->stages++] = t->stage;
    }
    s->modifiers = tt_arena_text(s->arena, r->modifiers, strlen(r->modifiers));
    return s->modifiers ? 0 : no_memory(r, e);
}

static int read_file(struct reader *r, char *bytes, size_t len, tt_err *e) {
    TT_TRY(tt_growing_open(&r->content, len + 1, r->s->arena, e));
    for (char *line = bytes, *end = bytes + len; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) stop = end;
        *stop = 0;
        r->line++;
        TT_TRY(read_line(r, line, e));
        line = stop + 1;
    }
    TT_TRY(end_stage(r, e));
    r->content.text[r->content.len] = 0;
    r->s->content = r->content.text;
    return put_in_order(r, e);
}

tt_stages *tt_stages_open(const char *path, tt_err *e) {
    struct reader *r = calloc(1, sizeof *r);
    tt_stages *s = calloc(1, sizeof *s);
    char *bytes = NULL;
    size_t len = 0;
    int rc = r && s ? 0 : tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
    if (!rc) {
        s->arena = tt_arena_open(0, e);
        rc = s->arena ? tt_file_read(&bytes, &len, path, most_bytes, e) : e->code;
    }
    if (!rc) {
        r->s = s;
        r->path = path;
        rc = read_file(r, bytes, len, e);
    }
    free(bytes);
    free(r);
    if (!rc) return s;
    tt_stages_close(s);
    return NULL;
}

void tt_stages_close(tt_stages *s) {
    if (!s) return;
    tt_arena_close(s->arena);
    free(s);
}

bool tt_stages_have(const tt_stages *s, int which) {
    for (int i = 0; i < s->texts; i++)
        if (s->beside[which][i]) return true;
    return false;
}

int tt_stages_names(const char *path, int (*take)(void *ctx, const char *text, int rows, tt_err *e),
                    void *ctx, tt_err *e) {
    tt_stages *s = tt_stages_open(path, e);
    if (!s) return e->code;
    int rc = take(ctx, s->modifiers, 1, e);
    for (int i = 0; !rc && i < s->texts; i++) {
        rc = take(ctx, s->source[i].src, 0, e);
        if (!rc && s->source[i].tgt) rc = take(ctx, s->source[i].tgt, 0, e);
        for (int k = 0; !rc && k < TT_BESIDE; k++)
            if (s->beside[k][i]) rc = take(ctx, s->beside[k][i], 0, e);
    }
    for (int i = 0; !rc && i < s->stages; i++)
        if (s->stage[i].modifiers) rc = take(ctx, s->stage[i].modifiers, 1, e);
    tt_stages_close(s);
    return rc;
}
