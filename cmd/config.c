/* config.c: see config.h. Values go through the readers of the option table (opt.c), so that a file
 * and a command line can say the same, and are refused in the same words.
 */
#include "config.h"

#include "base/arena.h"
#include "base/number.h"
#include "cmd.h"
#include "io/file.h"
#include "port/yaml.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20, MOST_NAME = 64 };

/* One entry of a file and the row it belongs to. */
typedef struct setting {
    const tt_cmd *cmd;
    void *opts;
    const tt_opt *row;
    const tt_yaml *file;
    const tt_yaml_entry *entry;
    tt_err *e;
} setting;

/* Puts file and line in front of the message. */
static int wrong(const setting *s) {
    tt_err inner = *s->e;
    return tt_cmd_fail(s->e, inner.code, "%.200s:%zu: %.280s", s->file->file, s->entry->line,
                       inner.msg);
}

static int put_value(const setting *s, const char *value) {
    return tt_opt_put(s->cmd, s->opts, s->row, value, s->e) ? wrong(s) : 0;
}

/* 1, 0, or -1 for a word that is neither. */
static int truth(const char *word) {
    static const char *const words[][2] = {
        {"false", "true"}, {"no", "yes"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int yes = 0; yes < 2; yes++)
            if (!strcmp(word, words[i][yes])) return yes;
    return -1;
}

static int put_flag(const setting *s, const char *word) {
    int yes = truth(word),
        times = (int)strlen(word) == 1 && isdigit((unsigned char)*word) ? *word - '0' : yes;
    if (times < 0) {
        tt_cmd_fail(s->e, TT_EUSAGE, "--%.60s: '%.60s' is not true or false", s->entry->key, word);
        return wrong(s);
    }
    if (s->row->kind == TT_OPT_KEY) return put_value(s, times ? "1" : "0");
    *(int *)(void *)((char *)s->opts + s->row->at) = times;
    return 0;
}

static int wrong_count(const setting *s) {
    tt_cmd_fail(s->e, TT_EUSAGE, "--%.60s: expected %s, given %zu", s->entry->key,
                s->row->kind == TT_OPT_LIST ? s->row->arg : "one value", s->entry->count);
    return wrong(s);
}

static int put_entry(const setting *s) {
    const tt_opt *o = s->row;
    const tt_yaml_entry *x = s->entry;
    int pairs = o->kind == TT_OPT_LIST && o->low > 1 ? (int)o->low : 1;
    if (!x->count || (!x->list && !x->quoted && !strcmp(x->value[0], "~"))) return 0;
    if (!o->arg) return x->count > 1 ? wrong_count(s) : put_flag(s, x->value[0]);
    if (o->bare && !x->list && !x->quoted &&
        (!strcmp(x->value[0], "false") || !strcmp(x->value[0], "true")))
        return *x->value[0] == 't' ? put_value(s, o->bare) : 0;
    size_t most = o->kind == TT_OPT_LIST ? x->count : 1 + (size_t)o->numbers;
    if (x->count > most || x->count % (size_t)pairs) return wrong_count(s);
    for (size_t i = 0; i < (o->kind == TT_OPT_LIST ? x->count : 1); i++)
        if (put_value(s, x->value[i])) return s->e->code;
    return 0;
}

/* The row of a key, or NULL with a message in *s->e. */
static const tt_opt *row_of(const setting *s) {
    char name[MOST_NAME + 3];
    snprintf(name, sizeof name, "--%.*s", MOST_NAME, s->entry->key);
    const tt_opt *row = s->entry->key_len <= MOST_NAME ? tt_opt_find(s->cmd, name) : NULL;
    if (!row && (!strcmp(name, "--config") || !strcmp(name, "--dump-config")))
        tt_cmd_fail(s->e, TT_EUSAGE, "%s stands on the command line alone", name);
    else if (!row) tt_opt_unknown(s->cmd, name, s->e);
    return row;
}

static bool is_given(const tt_opt_shared *shared, const tt_opt *o) {
    for (int i = 0; i < shared->given.count; i++)
        if (shared->given.item[i] == o->names) return true;
    return false;
}

/* 1 if a later file, which goes before this one, has the same row. */
static int comes_later(const tt_cmd *cmd, const tt_yaml *files, int from, int n, const tt_opt *o) {
    tt_err ignored;
    for (int i = from; i < n; i++)
        for (size_t k = 0; k < files[i].count; k++) {
            setting s = {.cmd = cmd, .file = &files[i], .entry = &files[i].entry[k], .e = &ignored};
            if (row_of(&s) == o) return 1;
        }
    return 0;
}

static int put_files(const tt_cmd *cmd, void *opts, const tt_opt_shared *shared,
                     const tt_yaml *files, tt_err *e) {
    int n = shared->config.count;
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < files[i].count; k++) {
            setting s = {cmd, opts, NULL, &files[i], &files[i].entry[k], e};
            if (!(s.row = row_of(&s))) return wrong(&s);
            if (is_given(shared, s.row) || comes_later(cmd, files, i + 1, n, s.row)) continue;
            int rc = put_entry(&s);
            if (rc) return rc;
        }
    return 0;
}

static int read_files(tt_arena *arena, tt_yaml *files, const tt_opt_shared *shared, tt_err *e) {
    for (int i = 0; i < shared->config.count; i++) {
        const char *path = shared->config.item[i];
        char *text;
        size_t len;
        int rc = tt_file_read(&text, &len, path, MOST_BYTES, e);
        if (rc) return rc;
        size_t mark = len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3) ? 3 : 0;
        char *kept = tt_arena_text(arena, text + mark, len - mark);
        free(text);
        if (!kept) return tt_cmd_fail(e, TT_ENOMEM, "%.200s: out of memory", path);
        rc = tt_yaml_read(&files[i], kept, len - mark, strcmp(path, "-") ? path : "standard input",
                          false, arena, e);
        if (rc) return rc;
    }
    return 0;
}

int tt_config_read(tt_config *config, const tt_cmd *cmd, void *opts, tt_opt_shared *shared,
                   int argc, char **argv, tt_err *e) {
    int n = shared->config.count;
    tt_yaml *files = calloc((size_t)n, sizeof *files);
    config->arena = files ? tt_arena_open(0, e) : NULL;
    int rc = config->arena ? read_files(config->arena, files, shared, e)
                           : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    if (!rc) {
        tt_opt_free(cmd, opts, NULL);
        memset(opts, 0, cmd->size);
        tt_opt_shared again = {0};
        rc = tt_opt_defaults(cmd, opts, &again, e);
        if (!rc) rc = put_files(cmd, opts, shared, files, e);
        if (!rc) rc = tt_opt_read(cmd, opts, &again, argc, argv, e);
        free(again.config.item);
        free(again.given.item);
    }
    free(files);
    return rc;
}

void tt_config_free(tt_config *config) {
    tt_arena_close(config->arena);
    config->arena = NULL;
}

/* ---- printing ------------------------------------------------------------------------------ */

/* 1 if YAML, here and elsewhere, reads these bytes as the same text without quotes. */
static int plain(const char *s) {
    static const char *const taken[] = {"true", "false", "yes", "no", "on",
                                        "off",  "null",  "~",   "y",  "n"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (!strcmp(s, taken[i])) return 0;
    return isalpha((unsigned char)*s) &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-") ==
               strlen(s);
}

static void text(const char *s, FILE *out) {
    if (plain(s)) {
        fputs(s, out);
        return;
    }
    putc('"', out);
    for (; *s; s++) {
        if ((unsigned char)*s < ' ' || *s == 127) fprintf(out, "\\x%02x", (unsigned char)*s);
        else fprintf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    }
    putc('"', out);
}

static void number(double x, FILE *out) {
    char digits[TT_NUMBER_TEXT];
    tt_number_write(digits, x);
    fputs(digits, out);
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

/* 1 if both structs have the same in the field of a row. */
static int same(const tt_opt *o, const void *a, const void *b) {
    const tt_list *p = a, *q = b;
    switch (o->kind) {
    case TT_OPT_FLAG:
    case TT_OPT_INT:
    case TT_OPT_ENUM: return *(const int *)a == *(const int *)b;
    case TT_OPT_SIZE: return *(const size_t *)a == *(const size_t *)b;
    case TT_OPT_LONG: return *(const long *)a == *(const long *)b;
    case TT_OPT_SEED: return *(const uint64_t *)a == *(const uint64_t *)b;
    case TT_OPT_DOUBLE:
    case TT_OPT_DURATION:
        return !(*(const double *)a < *(const double *)b) &&
               !(*(const double *)a > *(const double *)b);
    case TT_OPT_AMOUNT: return !memcmp(a, b, sizeof(tt_amount));
    case TT_OPT_PICK:
    case TT_OPT_STRING: return same_text(*(const char *const *)a, *(const char *const *)b);
    default: return p->count == q->count; /* lists have no defaults */
    }
}

static void value(const tt_opt *o, const void *at, FILE *out) {
    const tt_list *list = at;
    const tt_amount *amount = at;
    char words[TT_OPT_WORDS];
    const char *w = tt_opt_words(o, words);
    switch (o->kind) {
    case TT_OPT_FLAG:
        fputs(*(const int *)at > 1 ? "2" : *(const int *)at ? "true" : "false", out);
        break;
    case TT_OPT_INT: fprintf(out, "%d", *(const int *)at); break;
    case TT_OPT_SIZE: fprintf(out, "%zu", *(const size_t *)at); break;
    case TT_OPT_LONG: fprintf(out, "%ld", *(const long *)at); break;
    case TT_OPT_SEED: fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)at); break;
    case TT_OPT_DOUBLE:
    case TT_OPT_DURATION: number(*(const double *)at, out); break;
    case TT_OPT_AMOUNT:
        number(amount->n, out);
        putc(amount->unit, out);
        break;
    case TT_OPT_ENUM:
        for (int i = *(const int *)at; i > 0; i--) w += strcspn(w, "|") + 1;
        fprintf(out, "%.*s", (int)strcspn(w, "|"), w);
        break;
    case TT_OPT_PICK:
    case TT_OPT_STRING: text(*(const char *const *)at, out); break;
    default:
        for (int i = 0; i < list->count; i++) {
            fputs(i ? ", " : "[", out);
            text(list->item[i], out);
        }
        putc(']', out);
    }
}

/* 1 if a default has a value that can be written and read again. */
static bool can_be_written(const tt_opt *o, const void *at) {
    if (o->shown || o->kind == TT_OPT_LIST) return false;
    if (o->kind == TT_OPT_STRING || o->kind == TT_OPT_PICK) return *(const char *const *)at != NULL;
    if (o->kind == TT_OPT_DURATION || o->kind == TT_OPT_SIZE || o->kind == TT_OPT_LONG)
        return o->def != NULL;
    return o->kind != TT_OPT_FLAG || *(const int *)at < 2;
}

static void print_row(const tt_opt *o, const void *at, const void *def, int full, FILE *out) {
    char title[MOST_NAME];
    int is_default = same(o, at, def);
    if (is_default && !full) return;
    tt_opt_title(o, title, sizeof title);
    if (is_default && !can_be_written(o, at)) {
        fprintf(out, "# %s:%s%s\n", title + 2, o->shown && *o->shown ? " " : "",
                o->shown ? o->shown : "");
        return;
    }
    fprintf(out, "%s: ", title + 2);
    value(o, at, out);
    putc('\n', out);
}

/* A setting for the library: the last value that was given, or a comment with its default. */
static void print_key(const tt_opt *o, const tt_list *pairs, int full, FILE *out) {
    char title[MOST_NAME];
    const char *last = strrchr(o->names, ' '), *key = (last ? last + 1 : o->names) + 2,
               *given = NULL;
    tt_opt_title(o, title, sizeof title);
    for (int i = 0; i + 1 < pairs->count; i += 2)
        if (!strcmp(pairs->item[i], key)) given = pairs->item[i + 1];
    if (given && !o->arg) {
        fprintf(out, "%s: %s\n", title + 2, *given == '0' ? "false" : "true");
    } else if (given) {
        char *end;
        double x = strtod(given, &end);
        fprintf(out, "%s: ", title + 2);
        if (*given && !*end) number(x, out);
        else text(given, out);
        putc('\n', out);
    } else if (full) {
        fprintf(out, "# %s: %s\n", title + 2, o->shown ? o->shown : "");
    }
}

int tt_config_print(const tt_cmd *cmd, const void *opts, int full, FILE *out, tt_err *e) {
    void *defaults = calloc(1, cmd->size + 1);
    tt_opt_shared none = {0};
    int rc = defaults ? tt_opt_defaults(cmd, defaults, &none, e)
                      : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    if (!rc) fprintf(out, "# options of ttrans %s\n", cmd->name);
    for (const tt_opt *o = cmd->rows; !rc && o->kind; o++) {
        if (o->kind == TT_OPT_GROUP || tt_opt_is_operand(o)) continue;
        const void *at = (const char *)opts + o->at;
        if (o->kind == TT_OPT_KEY) print_key(o, at, full, out);
        else print_row(o, at, (const char *)defaults + o->at, full, out);
    }
    if (defaults) tt_opt_free(cmd, defaults, &none);
    free(defaults);
    return rc;
}
