/* t_identity.c: a checkpoint is held against every option and every setting there is: each row of
 * options.def and hyper.def is changed in turn. A row that is added later is tested without a line
 * here.
 */
#include "train/identity.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_hyper hyper;
static tt_train_options usual;

/* A checkpoint without weights; `options`: 0 writes none of them, as version 0.1.0 did. */
static tt_modelfile *checkpoint(int options) {
    tt_err e = {0};
    const char *path = tiny_path("identity.ckpt");
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    tt_identity id = {.o = &usual, .h = &hyper, .text = 7};
    CHECK(w && !tt_hyper_write(&hyper, w, &e), "%s", e.msg);
    if (options) CHECK(!tt_identity_write(&id, w, &e), "%s", e.msg);
    else
        CHECK(!tt_modelwriter_set(
                  w, "run.identity",
                  "seed=1 optimizer=adam batch-tokens=4096 shards=4 window=20000 accumulate=1 "
                  "text=0000000000000007",
                  &e),
              "%s", e.msg);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    CHECK(mf != NULL, "%s", e.msg);
    return mf;
}

/* 0: the same run; 1: refused, and the message says "NAME=". */
static int refused(const tt_modelfile *mf, const tt_train_options *o, const tt_hyper *h,
                   uint64_t text, const char *name) {
    tt_err e = {0};
    tt_identity id = {.o = o, .h = h, .text = text};
    char word[100];
    int rc = tt_identity_check(&id, mf, &e);
    snprintf(word, sizeof word, " %s=", name);
    CHECK(!rc || (rc == TT_ECONFIG && strstr(e.msg, word) && strstr(e.msg, "--restart")), "%s: %s",
          name, e.msg);
    return rc != 0;
}

/* The first long name of a row. */
static const char *long_name(const char *names) {
    static char name[80];
    const char *p = strstr(names, "--") + 2;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(p, " "), p);
    return name;
}

static int rows_seen;

/* One row changed, in a run that is else the checkpoint's. */
static void check_row(const tt_modelfile *mf, const tt_train_options *o, const char *names,
                      int same) {
    CHECK(refused(mf, o, &hyper, 7, long_name(names)) == same, "%s", names);
    rows_seen++;
}

enum { FREE, SAME };

static void check_options(const tt_modelfile *mf) {
    tt_train_options o;
#define GROUP(help)
#define CHANGE(field, value, names, class)                                                         \
    o = usual, o.schedule = "inverse-sqrt", o.field = value, check_row(mf, &o, names, class);
#define INT(field, names, arg, def, shown, low, high, class, help)                                 \
    CHANGE(field, o.field + 1, names, class)
#define COUNT INT
#define SEED INT
#define REAL(field, names, arg, def, shown, low, high, class, help)                                \
    CHANGE(field, o.field + 1e-3, names, class)
#define TIME REAL
#define SHARE REAL
#define AMOUNT(field, names, arg, def, shown, low, high, class, help)                              \
    CHANGE(field, ((tt_amount){o.field.n + 1, 'u'}), names, class)
#define WORD(field, names, arg, def, shown, words, class, help) CHANGE(field, 1, names, class)
#define PICK(field, names, arg, def, shown, family, class, help)                                   \
    CHANGE(field, "another", names, class)
#define PICKS PICK
#define TEXT(field, names, arg, class, help) CHANGE(field, "another", names, class)
#include "train/options.def"
}

static void check_settings(const tt_modelfile *mf) {
    tt_hyper h;
#define CHANGE_SETTING(field, value, name)                                                         \
    h = hyper, h.field = value;                                                                    \
    CHECK(refused(mf, &usual, &h, 7, name), "%s", name);                                           \
    rows_seen++;
#define INT(field, name, def, low, high, class, help) CHANGE_SETTING(field, hyper.field + 1, name)
#define REAL(field, name, def, low, high, class, help)                                             \
    CHANGE_SETTING(field, hyper.field + 1e-3, name)
#define NAME(field, name, def, names, class, help) CHANGE_SETTING(field, !hyper.field, name)
#define PICK NAME
#define SAID_INT INT
#define SAID_NAME NAME
#define SAID_PICK PICK
#define CHOICE(field, name, def, family, class, help)                                              \
    CHANGE_SETTING(field, ((tt_pick){.row = tt_family_##family.row(1)}), name)
#define EACH(name, family, help)
#define LIST(field, name, low, high, class, help)                                                  \
    CHANGE_SETTING(field, ((tt_layered){1, {1}}), name)
#include "nn/hyper.def"
    h = hyper, h.vocab++;
    CHECK(refused(mf, &usual, &h, 7, "vocabulary"));
}

int main(void) {
    tt_err e = {0};
    tt_train_defaults(&usual);
    tt_hyper_init(&hyper);
    CHECK(!tt_hyper_finish(&hyper, 100, &e), "%s", e.msg);
    tt_modelfile *mf = checkpoint(1);
    CHECK(!refused(mf, &usual, &hyper, 7, ""), "the same run");
    CHECK(refused(mf, &usual, &hyper, 8, "text"), "other text");
    check_options(mf);
    check_settings(mf);
    CHECK(rows_seen > 50, "%d rows", rows_seen);
    tt_train_options o = usual;
    o.time_limit = 60; /* a schedule that is not named is then another one */
    CHECK(refused(mf, &o, &hyper, 7, "schedule"));
    o.schedule = "inverse-sqrt";
    CHECK(!refused(mf, &o, &hyper, 7, ""));
    o.warmup = (tt_amount){1000, 'u'}; /* what stands for none that is named */
    CHECK(!refused(mf, &o, &hyper, 7, ""));
    o.warmup.unit = 't';
    CHECK(refused(mf, &o, &hyper, 7, "warmup"));
    tt_modelfile_close(mf);

    mf = checkpoint(0); /* of before: seven values, and the model's settings */
    o = usual, o.rate = 1;
    CHECK(!refused(mf, &o, &hyper, 7, ""));
    o = usual, o.window++;
    CHECK(refused(mf, &o, &hyper, 7, "window"));
    tt_hyper h = hyper;
    h.heads *= 2;
    CHECK(refused(mf, &usual, &h, 7, "heads") && refused(mf, &usual, &hyper, 8, "text"));
    tt_modelfile_close(mf);

    const char *path = tiny_path("identity.ttm");
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    CHECK(w && !tt_hyper_write(&hyper, w, &e) && !tt_modelwriter_finish(w, &e), "%s", e.msg);
    mf = tt_modelfile_open(path, &e);
    tt_identity id = {.o = &usual, .h = &hyper, .text = 7};
    CHECK(tt_identity_check(&id, mf, &e) == TT_EFORMAT && strstr(e.msg, "is no checkpoint"), "%s",
          e.msg);
    tt_modelfile_close(mf);
    return test_done("t_identity");
}
