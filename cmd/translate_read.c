/* translate_read.c: options of `ttrans translate` whose words together say one thing.
 */
#include "translate.h"

#include "cmd.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FULL, TOP_K, TOP_P, TEMPERATURE }; /* as in TT_CMD_SAMPLING */

/* The mode that a word names by its beginning, as the option table lets words be shortened; -1: a
   number. */
static int mode_of(const char *word) {
    const char *mode = TT_CMD_SAMPLING;
    const size_t n = strlen(word);
    for (int i = 0;; i++) {
        if (n && !strncmp(word, mode, n)) return i;
        mode += strcspn(mode, "|");
        if (!*mode++) return -1;
    }
}

static int wrong(const char *what, const char *word, tt_err *e) {
    return tt_cmd_fail(e, TT_EUSAGE, "--sampling: expected %s%s%.60s", what, word ? ", not " : "",
                       word ? word : "");
}

int tt_cmd_read_sampling(tt_translate_options *t, const tt_list *words, tt_err *e) {
    if (!words->count) return 0;
    t->sampling = 1;
    const char *const *word = words->item;
    int mode = mode_of(word[0]), next = mode >= 0;
    if ((mode == TOP_K || mode == TOP_P) && next < words->count) {
        double x = strtod(word[next], NULL);
        if (mode == TOP_K && !(x >= 0 && x <= INT_MAX && x == (double)(int)x))
            return wrong("a whole number of tokens behind topk", word[next], e);
        if (mode == TOP_P && !(x > 0 && x <= 1))
            return wrong("a probability behind topp", word[next], e);
        if (mode == TOP_K) t->top_k = (int)x;
        else t->top_p = x;
        next++;
    } else if (mode == TOP_K && !t->top_k) {
        t->top_k = 10; /* Marian's number when topk stands alone */
    }
    if (mode == TEMPERATURE && next == words->count)
        return wrong("a number behind temperature", NULL, e);
    if (next < words->count) {
        double x = strtod(word[next], NULL);
        if (mode_of(word[next]) >= 0 || !(x >= 0.001 && x <= 1000))
            return wrong("a temperature of 0.001 to 1000", word[next], e);
        t->temperature = x;
        next++;
    }
    if (next < words->count) return wrong("no further word", word[next], e);
    return 0;
}

/* The two codes at the beginning of a name such as en-es or en-es.ttm; 0: it does not begin so. */
static bool read_pair(char *from, char *to, const char *name) {
    char *const code[] = {from, to};
    for (int i = 0; i < 2; i++) {
        size_t n = 0;
        for (; *name >= 'a' && *name <= 'z'; name++, n++)
            if (n < LANGUAGE_MOST) code[i][n] = *name;
        if (n < 2 || n > LANGUAGE_MOST || (!i && *name++ != '-')) return false;
        code[i][n] = 0;
    }
    return !(*name >= '0' && *name <= '9');
}

void tt_cmd_read_languages(tt_translate_options *t, char *from, char *to, const char *direction,
                           const char *model, const char *target) {
    const char *slash = strrchr(model, '/');
    if ((direction && read_pair(from, to, direction)) ||
        read_pair(from, to, slash ? slash + 1 : model)) {
        t->from = from;
        t->to = to;
    }
    if (target) t->to = target;
}
