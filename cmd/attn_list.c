/* attn_list.c: lists of layers and heads: numbers, ranges, `all`, `mean`.
 */
#include "attn.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_MOST = 1024, COUNT_MOST = 4096 };

static int put(tt_attn_list *l, int number, tt_err *e) {
    if (l->count == COUNT_MOST)
        return tt_cmd_fail(e, TT_EUSAGE, "a list of more than %d layers or heads", COUNT_MOST);
    int *more = realloc(l->number, ((size_t)l->count + 1) * sizeof *more);
    if (!more) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for a list");
    l->number = more;
    l->number[l->count++] = number;
    return 0;
}

static int wrong(const char *option, const char *text, int with_mean, tt_err *e) {
    return tt_cmd_fail(e, TT_EUSAGE, "%s %.60s: expected numbers from 1, such as 2 or 1,3-5, %sall",
                       option, text, with_mean ? "mean or " : "or ");
}

/* A number from 1 at *p, which goes behind it; 0: there is none. */
static int number_at(const char **p) {
    int n = 0;
    for (; **p >= '0' && **p <= '9'; ++*p)
        if (n <= NUMBER_MOST) n = 10 * n + (**p - '0');
    return n;
}

int tt_attn_list_read(tt_attn_list *l, const char *option, const char *text, int with_mean,
                      tt_err *e) {
    *l = (tt_attn_list){0};
    const char *p = text;
    int rc = 0;
    for (;;) {
        if (!strncmp(p, "all", 3)) {
            l->all = 1;
            p += 3;
        } else if (with_mean && !strncmp(p, "mean", 4)) {
            rc = put(l, 0, e);
            p += 4;
        } else {
            int first = number_at(&p), last = first;
            if (first && *p == '-') {
                p++;
                last = number_at(&p);
            }
            if (!first || last < first || last > NUMBER_MOST)
                rc = wrong(option, text, with_mean, e);
            for (int i = first; !rc && i <= last; i++) rc = put(l, i, e);
        }
        if (!rc && !*p) return 0;
        if (!rc && *p++ != ',') rc = wrong(option, text, with_mean, e);
        if (rc) {
            tt_attn_list_free(l);
            return rc;
        }
    }
}

void tt_attn_list_free(tt_attn_list *l) {
    free(l->number);
    *l = (tt_attn_list){0};
}
