/* eval_model.c: `ttrans eval -M MODEL`: the sources are translated into a file, which is then a
 * system like any other. So models are compared with each other and with files, and the translation
 * is that of `ttrans translate`, to the byte. The files lie in memory and have no name: whatever
 * ends the process, nothing is left of them, and nobody else reads them.
 */
#define _GNU_SOURCE
#include "eval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

/* A file without a name, and the path by which this process opens it. */
struct nameless {
    int fd;        /* owned; -1: none */
    char path[32]; /* "" where there is none */
};

struct tt_eval_models {
    struct nameless source, test;
    struct nameless *made; /* (files.count), the translations, owned */
    tt_list files;         /* their paths */
};

const char *tt_eval_models_test(const tt_eval_models *m) { return m->test.path; }

const tt_list *tt_eval_models_files(const tt_eval_models *m) { return &m->files; }

static int make(struct nameless *f, tt_err *e) {
    f->fd = memfd_create("ttrans-eval", MFD_CLOEXEC);
    if (f->fd < 0)
        return tt_cmd_fail(e, TT_ECREATE, "no room for a file in memory: %s", strerror(errno));
    snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
    return 0;
}

static void drop(struct nameless *f) {
    if (*f->path) close(f->fd);
}

void tt_eval_models_close(tt_eval_models *m) {
    if (!m) return;
    for (int i = 0; i < m->files.count; i++) drop(&m->made[i]);
    drop(&m->source);
    drop(&m->test);
    free(m->files.item);
    free(m->made);
    free(m);
}

static FILE *create(struct nameless *to, tt_err *e) {
    if (make(to, e)) return NULL;
    FILE *f = fopen(to->path, "wb");
    if (!f) tt_cmd_fail(e, TT_ECREATE, "%.300s: %s", to->path, strerror(errno));
    return f;
}

static int finish(FILE *f, const char *path, tt_err *e) {
    int bad = f && ferror(f);
    if (f && (fclose(f) || bad)) return tt_cmd_fail(e, TT_EIO, "%.300s: %s", path, strerror(errno));
    return 0;
}

/* The sources of a test set, each line up to its first TAB; and a copy of the whole where it cannot
   be read twice. */
static int copy_sources(tt_eval_models *m, const tt_eval_opts *o, FILE *source, FILE *test,
                        tt_err *e) {
    tt_lines *in = tt_lines_open(o->test ? o->test : o->source, 0, e);
    const char *line;
    size_t len;
    int rc;
    (void)m;
    if (!in) return e->code;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        const char *tab = o->test && len ? memchr(line, '\t', len) : NULL;
        fwrite(line, 1, tab ? (size_t)(tab - line) : len, source);
        putc('\n', source);
        if (!test) continue;
        fwrite(line, 1, len, test);
        putc('\n', test);
    }
    tt_lines_close(in);
    return rc;
}

static int read_sources(tt_eval_models *m, const tt_eval_opts *o, tt_err *e) {
    int twice = o->test && !strcmp(o->test, "-");
    FILE *source = create(&m->source, e), *test = source && twice ? create(&m->test, e) : NULL;
    int rc = source && (test || !twice) ? copy_sources(m, o, source, test, e) : e->code;
    tt_err late;
    if (finish(source, m->source.path, &late) && !rc) rc = late.code, *e = late;
    if (finish(test, m->test.path, &late) && !rc) rc = late.code, *e = late;
    return rc;
}

static void report(void *ctx, const tt_translate_stats *s) {
    char line[400];
    snprintf(line, sizeof line, "%.250s: %zu lines  %.0f words/s", (const char *)ctx, s->lines,
             s->seconds > 0 ? (double)s->words / s->seconds : 0);
    tt_cmd_progress(line);
}

static int translate(const tt_eval_models *m, const char *model, const char *out,
                     const tt_eval_opts *o, tt_err *e) {
    tt_translate_options t;
    tt_translate_init(&t);
    t.isa = getenv("TTRANS_ISA");
    t.threads = o->threads;
    t.beam = o->beam;
    tt_translator *translator = tt_translator_open(model, &t, e);
    if (!translator) return e->code;
    char name[PATH_MOST];
    snprintf(name, sizeof name, "%s", model);
    tt_translate_watch watch = {report, name};
    int rc = tt_translate_file(translator, m->source.path, out,
                               tt_cmd_tty() && !o->quiet ? &watch : NULL, NULL, e);
    tt_translator_close(translator);
    tt_cmd_progress(NULL);
    return rc;
}

static int run(tt_eval_models *m, const tt_eval_opts *o, tt_err *e) {
    int n = o->models.count;
    m->made = calloc((size_t)n, sizeof *m->made);
    m->files.item = calloc((size_t)n, sizeof *m->files.item);
    if (!m->made || !m->files.item) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int rc = read_sources(m, o, e);
    for (int i = 0; i < n && !rc; i++) {
        rc = make(&m->made[i], e);
        if (rc) break;
        m->files.item[m->files.count++] = m->made[i].path;
        rc = translate(m, o->models.item[i], m->made[i].path, o, e);
    }
    return rc;
}

tt_eval_models *tt_eval_models_run(const tt_eval_opts *o, tt_err *e) {
    if (!o->test && !o->source) {
        tt_cmd_fail(e, TT_EUSAGE,
                    "--model needs something to translate: --test FILE or --source FILE");
        return NULL;
    }
    if (!o->test && !strcmp(o->source, "-")) {
        tt_cmd_fail(e, TT_EUSAGE, "--source - cannot be read twice; give a file, or --test -");
        return NULL;
    }
    tt_eval_models *m = calloc(1, sizeof *m);
    if (!m) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    } else if (run(m, o, e)) {
        tt_eval_models_close(m);
        m = NULL;
    }
    return m;
}
