/* identity.c: see identity.h. The rows of options.def become a table of names and offsets; an
 * option is compared by its text, which for a real number is the shortest that reads back as the
 * same number.
 */
#include "train/identity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "train/optim.h"
#include "train/schedule.h"
#include "train/valid.h"

enum {
    ROW_INT,
    ROW_COUNT,
    ROW_SEED,
    ROW_REAL,
    ROW_AMOUNT,
    ROW_WORD,
    ROW_PICK,
    ROW_PICKS,
    ROW_TEXT
};
enum { SAME, FREE, CONTENT };
enum { VALUE_MOST = TT_RUN_VALUE };

#define AT(field) offsetof(tt_train_options, field)
static const struct row {
    const char *names;
    int kind;
    size_t at;
    int class;
    const char *words;       /* of a WORD */
    const tt_family *family; /* of a PICK */
} rows[] = {
#define GROUP(help)
#define INT(field, names, arg, def, shown, low, high, class, help)                                 \
    {names, ROW_INT, AT(field), class, NULL, NULL},
#define COUNT(field, names, arg, def, shown, low, high, class, help)                               \
    {names, ROW_COUNT, AT(field), class, NULL, NULL},
#define SEED(field, names, arg, def, shown, low, high, class, help)                                \
    {names, ROW_SEED, AT(field), class, NULL, NULL},
#define REAL(field, names, arg, def, shown, low, high, class, help)                                \
    {names, ROW_REAL, AT(field), class, NULL, NULL},
#define TIME(field, names, arg, def, shown, low, high, class, help)                                \
    {names, ROW_REAL, AT(field), class, NULL, NULL},
#define AMOUNT(field, names, arg, def, shown, low, high, class, help)                              \
    {names, ROW_AMOUNT, AT(field), class, NULL, NULL},
#define SHARE REAL
#define WORD(field, names, arg, def, shown, words, class, help)                                    \
    {names, ROW_WORD, AT(field), class, words, NULL},
#define PICK(field, names, arg, def, shown, family, class, help)                                   \
    {names, ROW_PICK, AT(field), class, NULL, &tt_family_##family},
#define PICKS(field, names, arg, def, shown, family, class, help)                                  \
    {names, ROW_PICKS, AT(field), class, NULL, &tt_family_##family},
#define TEXT(field, names, arg, class, help) {names, ROW_TEXT, AT(field), class, NULL, NULL},
#define PATH(field, names, arg, how, class, help) TEXT(field, names, arg, class, help)
#include "train/options.def"
};
enum { ROWS = sizeof rows / sizeof rows[0] };

void tt_train_defaults(tt_train_options *o) {
    *o = (tt_train_options){.store = TT_TYPE_F32, .threads = 1};
#define GROUP(help)
#define INT(field, names, arg, def, shown, low, high, class, help) o->field = def;
#define COUNT INT
#define SEED INT
#define REAL INT
#define TIME INT
#define SHARE INT
#define AMOUNT(field, names, arg, def, shown, low, high, class, help)                              \
    o->field = (tt_amount){(def) > 0 ? (def) : 0, (def) < 0 ? 0 : 'u'};
#define WORD(field, names, arg, def, shown, words, class, help) o->field = 0;
#define PICK(field, names, arg, def, shown, family, class, help) o->field = def;
#define PICKS PICK
#define TEXT(field, names, arg, class, help) o->field = NULL;
#define PATH(field, names, arg, how, class, help) o->field = NULL;
#include "train/options.def"
}

/* Updates have no unit behind them, as in the records of before. */
static void write_amount(char text[VALUE_MOST], tt_amount a) {
    char n[TT_NUMBER_TEXT];
    if (a.n < 1e15 && a.n == floor(a.n)) snprintf(n, sizeof n, "%.0f", a.n);
    else tt_number_write(n, a.n);
    snprintf(text, VALUE_MOST, "%s%.*s", n, a.unit != 'u', &a.unit);
}

/* The value of a row as text: of a choice in a family the shortest one. A schedule and a warm-up
   that are not given are those that the run takes. */
static void write_value(char text[VALUE_MOST], const struct row *r, const tt_train_options *o) {
    const void *at = (const char *)o + r->at;
    const char *name = r->words;
    tt_pick pick;
    tt_err unknown;
    switch (r->kind) {
    case ROW_INT: snprintf(text, VALUE_MOST, "%d", *(const int *)at); break;
    case ROW_COUNT: snprintf(text, VALUE_MOST, "%ld", *(const long *)at); break;
    case ROW_SEED: snprintf(text, VALUE_MOST, "%" PRIu64, *(const uint64_t *)at); break;
    case ROW_REAL: tt_number_write(text, *(const double *)at); break;
    case ROW_AMOUNT:
        write_amount(text, r->at == AT(warmup) ? tt_warmup_time(o) : *(const tt_amount *)at);
        break;
    case ROW_WORD:
        for (int i = *(const int *)at; i > 0; i--) name += strcspn(name, "|") + 1;
        snprintf(text, VALUE_MOST, "%.*s", (int)strcspn(name, "|"), name);
        break;
    case ROW_TEXT:
        snprintf(text, VALUE_MOST, "%s", *(const char *const *)at ? *(const char *const *)at : "");
        break;
    case ROW_PICKS: snprintf(text, VALUE_MOST, "%s", *(const char *const *)at); break;
    default:
        name = r->at == AT(schedule) ? tt_schedule_name(o) : *(const char *const *)at;
        if (tt_pick_read(&pick, r->family, name, &unknown)) snprintf(text, VALUE_MOST, "%s", name);
        else tt_pick_write(&pick, text);
    }
}

/* The first long name without its dashes, and the key in a checkpoint that ends with the name. */
static const char *write_key(char key[96], const struct row *r) {
    const char *name = strstr(r->names, "--") + 2;
    int prefix = snprintf(key, 96, "run.option.");
    snprintf(key + prefix, 96 - (size_t)prefix, "%.*s", (int)strcspn(name, " "), name);
    return key + prefix;
}

/* ---- files beside the text ----------------------------------------------------------------- */

static uint64_t content_of(const tt_identity *id, const char *option) {
    for (int i = 0; i < id->n_contents; i++)
        if (!strcmp(id->contents[i].option, option)) return id->contents[i].hash;
    return 0;
}

/* run.content.NAME: "HASH FILE" */
static int write_contents(const tt_identity *id, tt_modelwriter *w, tt_err *e) {
    char key[96], content[110], text[VALUE_MOST + 20], name[VALUE_MOST];
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        const char *option = write_key(key, r);
        const uint64_t hash = r->class == CONTENT ? content_of(id, option) : 0;
        if (!hash) continue;
        write_value(name, r, id->o);
        snprintf(content, sizeof content, "run.content.%.90s", option);
        snprintf(text, sizeof text, "%016" PRIx64 " %s", hash, name);
        TT_TRY(tt_modelwriter_set(w, content, text, e));
    }
    return 0;
}

/* One file against the record of a run, which from before there were such has the name alone. */
static int check_content(const struct row *r, const tt_identity *id, const tt_modelfile *mf,
                         tt_err *e) {
    char key[96], content[110], name[VALUE_MOST], why[400];
    const char *option = write_key(key, r);
    const uint64_t is = content_of(id, option);
    snprintf(content, sizeof content, "run.content.%.90s", option);
    const char *was = tt_modelfile_get(mf, content), *file = was;
    if (!was && (!is || tt_modelfile_get(mf, key))) return 0;
    char *end = NULL;
    const uint64_t hash = was ? strtoull(was, &end, 16) : 0;
    if (was) file = *end ? end + 1 : end;
    if (hash == is) return 0;
    write_value(name, r, id->o);
    if (!was) snprintf(why, sizeof why, "the run began without --%s", option);
    else if (!is) snprintf(why, sizeof why, "the run began with --%s %.150s", option, file);
    else if (!strcmp(file, name))
        snprintf(why, sizeof why, "--%s: %.150s has changed since the run began", option, name);
    else
        snprintf(why, sizeof why, "--%s: the run began with %.120s, and %.120s is another one",
                 option, file, name);
    return tt_fail(e, TT_ECONFIG, "%s: %s; give what it began with, or --restart",
                   tt_modelfile_name(mf), why);
}

/* run.content.NAME.I, of the text I of a file of stages: "HASH FILE" */
static int write_beside(const tt_identity *id, tt_modelwriter *w, tt_err *e) {
    char key[96], text[VALUE_MOST + 20];
    const int n = id->beside ? tt_corpus_sources(id->corpus) : 0;
    for (int i = 0; i < TT_BESIDE * n; i++) {
        const int which = i / n, source = i % n;
        const char *name = tt_beside_name(id->beside, which, source);
        if (!name) continue;
        snprintf(key, sizeof key, "run.content.%.60s.%d", tt_beside_options[which], source);
        snprintf(text, sizeof text, "%016" PRIx64 " %.800s",
                 tt_beside_hash_of(id->beside, which, source), name);
        TT_TRY(tt_modelwriter_set(w, key, text, e));
    }
    return 0;
}

/* The names are those of the file of stages, which is the same. */
static int check_beside(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    char key[96];
    const int n = id->beside ? tt_corpus_sources(id->corpus) : 0;
    for (int i = 0; i < TT_BESIDE * n; i++) {
        const int which = i / n, source = i % n;
        snprintf(key, sizeof key, "run.content.%.60s.%d", tt_beside_options[which], source);
        const char *was = tt_modelfile_get(mf, key);
        if (!was || strtoull(was, NULL, 16) == tt_beside_hash_of(id->beside, which, source))
            continue;
        return tt_fail(e, TT_ECONFIG,
                       "%s: %s: %.200s has changed since the run began; give what it began with, "
                       "or --restart",
                       tt_modelfile_name(mf), tt_beside_options[which],
                       tt_beside_name(id->beside, which, source));
    }
    return 0;
}

static int check_contents(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    for (const struct row *r = rows; r < rows + ROWS; r++)
        if (r->class == CONTENT) TT_TRY(check_content(r, id, mf, e));
    return 0;
}

/* The record of version 0.1.0. */
static void write_old(char text[400], const tt_identity *id) {
    const tt_train_options *o = id->o;
    snprintf(text, 400,
             "seed=%" PRIu64
             " optimizer=%s batch-tokens=%d shards=%d window=%d accumulate=%d text=%016" PRIx64,
             o->seed, o->optimizer, o->batch_tokens, o->shards, o->window, o->accumulate, id->text);
}

/* ---- the text, in words -------------------------------------------------------------------- */

/* run.text.I: "HASH PAIRS WEIGHT NAME" of source I. */
static int write_sources(const tt_identity *id, tt_modelwriter *w, tt_err *e) {
    char key[40], text[VALUE_MOST];
    if (id->stages) TT_TRY(tt_modelwriter_set(w, "run.stages", id->stages, e));
    for (int i = 0; id->corpus && i < tt_corpus_sources(id->corpus); i++) {
        const tt_corpus_record r = tt_corpus_tell(id->corpus, i);
        snprintf(key, sizeof key, "run.text.%d", i);
        snprintf(text, sizeof text, "%016" PRIx64 " %zu %g %.800s", r.hash, r.pairs,
                 tt_corpus_weight(id->corpus, i), r.name);
        TT_TRY(tt_modelwriter_set(w, key, text, e));
    }
    return 0;
}

static int other_text(const tt_modelfile *mf, const char *why, tt_err *e) {
    return tt_fail(e, TT_ECONFIG, "%s: %s; train on the same text, or --restart",
                   tt_modelfile_name(mf), why);
}

/* The first source that is another one, and in what. */
static int check_sources(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    char key[40], why[700];
    const int n = id->corpus ? tt_corpus_sources(id->corpus) : 0;
    for (int i = 0;; i++) {
        snprintf(key, sizeof key, "run.text.%d", i);
        const char *was = tt_modelfile_get(mf, key);
        if (!was && i == n) return 0;
        if (!was || i == n) {
            snprintf(why, sizeof why, "the run began with %s of %d training texts",
                     was ? "more than the present number" : "fewer than the present number", n);
            return i ? other_text(mf, why, e) : 0; /* a record from before there were such */
        }
        const tt_corpus_record r = tt_corpus_tell(id->corpus, i);
        char *at, *end;
        const uint64_t hash = strtoull(was, &at, 16);
        const size_t pairs = strtoull(at, &end, 10);
        const double weight = strtod(end, &at), now = tt_corpus_weight(id->corpus, i);
        const char *name = *at ? at + 1 : at;
        if (hash == r.hash) continue;
        if (fabs(weight - now) > 1e-6 * weight)
            snprintf(why, sizeof why, "%.200s had the weight %g when the run began, and now has %g",
                     r.name, weight, now);
        else if (strcmp(name, r.name) != 0)
            snprintf(why, sizeof why,
                     "the run began with %.200s as its text %d, and %.200s holds another one", name,
                     i + 1, r.name);
        else if (pairs != r.pairs)
            snprintf(why, sizeof why,
                     "%.200s has changed: %zu pairs could be used when the run began, and now %zu",
                     r.name, pairs, r.pairs);
        else
            snprintf(
                why, sizeof why,
                "%.200s, or the vocabulary, has changed since the run began: as many pairs, %zu, "
                "but other ones",
                r.name, pairs);
        return other_text(mf, why, e);
    }
}

/* The first line in which the file of stages differs. */
static int check_stages(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    const char *was = tt_modelfile_get(mf, "run.stages"), *is = id->stages;
    char why[300];
    if (!was && !is) return 0;
    if (!was || !is) {
        snprintf(why, sizeof why, "the run began with%s --stages", was ? "" : "out");
        return other_text(mf, why, e);
    }
    if (!strcmp(was, is)) return 0;
    while (*was && *is) {
        const size_t a = strcspn(was, "\n"), b = strcspn(is, "\n");
        if (a != b || memcmp(was, is, a) != 0) break;
        was += a + (was[a] == '\n');
        is += b + (is[b] == '\n');
    }
    snprintf(why, sizeof why,
             "the file of stages has changed: '%.*s' was '%.*s' when the run began",
             (int)strcspn(is, "\n"), is, (int)strcspn(was, "\n"), was);
    return other_text(mf, why, e);
}

int tt_identity_write(const tt_identity *id, tt_modelwriter *w, tt_err *e) {
    char key[96], text[VALUE_MOST];
    write_old(text, id);
    TT_TRY(tt_modelwriter_set(w, "run.identity", text, e));
    TT_TRY(write_sources(id, w, e));
    TT_TRY(write_contents(id, w, e));
    TT_TRY(write_beside(id, w, e));
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->class != SAME) continue;
        write_key(key, r);
        write_value(text, r, id->o);
        if (r->kind == ROW_TEXT && !*text) continue;
        TT_TRY(tt_modelwriter_set(w, key, text, e));
    }
    return 0;
}

static int other_run(const tt_modelfile *mf, const char *was, const char *is, tt_err *e) {
    return tt_fail(e, TT_ECONFIG,
                   "%s belongs to a run with %s, not %s; use the same options, or --restart",
                   tt_modelfile_name(mf), was, is);
}

static int other_value(const tt_modelfile *mf, const char *name, const char *was, const char *is,
                       tt_err *e) {
    char a[TT_HYPER_VALUE + 64], b[TT_HYPER_VALUE + 64];
    snprintf(a, sizeof a, "%.60s=%.*s", name, TT_HYPER_VALUE, was);
    snprintf(b, sizeof b, "%.60s=%.*s", name, TT_HYPER_VALUE, is);
    return other_run(mf, a, b, e);
}

/* The first word in which two records differ. */
static int check_old(const tt_modelfile *mf, const char *was, const char *is, tt_err *e) {
    char a[80], b[80];
    size_t at = 0;
    if (!strcmp(was, is)) return 0;
    while (was[at] && was[at] == is[at]) at++;
    while (at && was[at - 1] != ' ') at--;
    snprintf(a, sizeof a, "%.*s", (int)strcspn(was + at, " "), was + at);
    snprintf(b, sizeof b, "%.*s", (int)strcspn(is + at, " "), is + at);
    return other_run(mf, a, b, e);
}

static int check_options(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    char key[96], usual[VALUE_MOST], is[VALUE_MOST];
    tt_train_options defaults;
    tt_train_defaults(&defaults);
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (r->class != SAME) continue;
        const char *name = write_key(key, r), *was = tt_modelfile_get(mf, key);
        write_value(usual, r, &defaults);
        write_value(is, r, id->o);
        if (!was) was = usual;
        if (strcmp(was, is) != 0) return other_value(mf, name, was, is, e);
    }
    return 0;
}

int tt_identity_check(const tt_identity *id, const tt_modelfile *mf, tt_err *e) {
    const char *was = tt_modelfile_get(mf, "run.identity"), *name;
    char text[400], ours[TT_HYPER_VALUE], theirs[TT_HYPER_VALUE];
    tt_hyper h;
    if (!was) return tt_fail(e, TT_EFORMAT, "%s: is no checkpoint", tt_modelfile_name(mf));
    write_old(text, id);
    const char *ours_from = text; /* of the record: all of it, or where the options stand by
                                     themselves, the text's hash */
    TT_TRY(check_contents(id, mf, e));
    TT_TRY(check_stages(id, mf, e)); /* first: whether texts have links is in the settings, too */
    if (tt_modelfile_get(mf, "run.option.seed")) {
        TT_TRY(check_options(id, mf, e));
        ours_from = strstr(text, "text=");
        was = strstr(was, "text=");
        if (!was) return tt_fail(e, TT_EFORMAT, "%s: is no checkpoint", tt_modelfile_name(mf));
    }
    TT_TRY(tt_hyper_read(&h, mf, e));
    if (tt_hyper_differs(&h, id->h, &name, theirs, ours))
        return other_value(mf, name, theirs, ours, e);
    TT_TRY(check_sources(id, mf, e));
    TT_TRY(check_beside(id, mf, e));
    return check_old(mf, was, ours_from, e);
}
