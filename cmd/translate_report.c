/* translate_report.c: what `ttrans translate` tells on stderr: how far it is, what had to be
 * repaired, and the summary of --stats.
 */
#include "translate.h"

#include "cmd.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

void tt_cmd_report_progress(void *ctx, const tt_translate_stats *s) {
    const double *size = ctx;
    char line[120], part[16] = "";
    double done = *size > 0 ? 100 * (double)s->bytes / *size : 0;
    if (*size > 0) snprintf(part, sizeof part, "%3.0f%%  ", done < 100 ? done : 100);
    snprintf(line, sizeof line, "%s%zu lines  %.0f words/s  %.0f s", part, s->lines,
             s->seconds > 0 ? (double)s->words / s->seconds : 0, s->seconds);
    tt_cmd_progress(line);
}

double tt_cmd_plain_size(const tt_list *paths) {
    double sum = 0;
    for (int i = 0; i < paths->count; i++) {
        struct stat s;
        size_t n = strlen(paths->item[i]);
        if ((n > 3 && !strcmp(paths->item[i] + n - 3, ".gz")) || stat(paths->item[i], &s) ||
            !S_ISREG(s.st_mode))
            return 0;
        sum += (double)s.st_size;
    }
    return sum;
}

/* "searched 5 sentences again whose translations looked wrong; 2 still do: 1 left as it was, 1 with
   other numbers" */
static void warn_of_faults(const tt_translate_stats *s) {
#define TEXT(id, json, text) text,
    static const char *const texts[] = {TT_FAULTS(TEXT)};
#undef TEXT
    char list[400] = "";
    size_t len = 0;
    if (!s->retried) return;
    for (int f = 0; f < TT_FAULT_COUNT; f++)
        if (s->faults[f])
            len += (size_t)snprintf(list + len, sizeof list - len, "%s%zu %s", len ? ", " : ": ",
                                    s->faults[f], texts[f]);
    tt_cmd_warn("searched %zu sentence%s again whose translation looked wrong; %zu still %s%s",
                s->retried, s->retried == 1 ? "" : "s", s->suspects,
                s->suspects == 1 ? "does" : "do", list);
}

void tt_cmd_warn_of_repairs(const tt_translate_stats *s) {
    if (s->bad_utf8)
        tt_cmd_warn("replaced %zu bad part%s of UTF-8 by U+FFFD%s", s->bad_utf8,
                    s->bad_utf8 == 1 ? "" : "s",
                    s->windows_1252 ? "; this looks like Windows-1252: try --encoding windows-1252"
                                    : "");
    if (s->bad_json)
        tt_cmd_warn("%zu line%s no request and got an error as the answer", s->bad_json,
                    s->bad_json == 1 ? " is" : "s are");
    if (s->nul) tt_cmd_warn("replaced %zu NUL byte%s by spaces", s->nul, s->nul == 1 ? "" : "s");
    if (s->cut)
        tt_cmd_warn("shortened %zu character%s that made more tokens than the model can take",
                    s->cut, s->cut == 1 ? "" : "s");
    if (s->overflowed)
        tt_cmd_warn(
            "the model's arithmetic overflowed in %zu sentence%s, whose output means nothing",
            s->overflowed, s->overflowed == 1 ? "" : "s");
    if (s->unscored)
        tt_cmd_warn("gave %zu pair%s longer than the model's reach the score -inf", s->unscored,
                    s->unscored == 1 ? "" : "s");
    warn_of_faults(s);
    if (s->unmet)
        tt_cmd_warn("left out %zu term%s of the glossary: %s%s%s%s%s%s", s->unmet,
                    s->unmet == 1 ? "" : "s", s->unmet_terms[0], s->unmet_terms[1][0] ? ", " : "",
                    s->unmet_terms[1], s->unmet_terms[2][0] ? ", " : "", s->unmet_terms[2],
                    s->unmet > 3 ? ", …" : "");
}

void tt_cmd_print_stats(const tt_translate_stats *s, int threads) {
    struct rusage use = {0};
    getrusage(RUSAGE_SELF, &use);
    double time = s->seconds > 0 ? s->seconds : 1e-9;
    int cpus = tt_cpu_count();
    double batches = s->batches ? (double)s->batches : 1;
    tt_cmd_progress(NULL);
    fprintf(stderr,
            "lines            %zu (%zu blank, %zu split)\n"
            "sentences        %zu (%zu equal to others)\n"
            "source words     %zu (%.1f/s; %zu respelt)\n"
            "source tokens    %zu (%.1f/s)\n"
            "target tokens    %zu (%.1f/s)\n"
            "batches          %zu (%.1f sentences, %.1f source tokens; %zu smaller than asked, for "
            "memory)\n"
            "threads          %d on %d processor%s\n"
            "loading          %.3f s\n"
            "translating      %.3f s\n"
            "total            %.3f s\n"
            "peak memory      %.1f MiB\n",
            s->lines, s->blank, s->split, s->sentences, s->recalled, s->words,
            (double)s->words / time, s->respelt, s->source_tokens, (double)s->source_tokens / time,
            s->target_tokens, (double)s->target_tokens / time, s->batches,
            (double)s->sentences / batches, (double)s->source_tokens / batches, s->smaller,
            threads ? threads : cpus, cpus, cpus == 1 ? "" : "s", s->load_seconds, s->seconds,
            s->load_seconds + s->seconds, (double)use.ru_maxrss / 1024);
}
