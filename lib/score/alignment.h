/* alignment.h: links between the words of a pair of sentences, and how good they are.
 *
 *     tt_links found = {0}, gold = {0};
 *     TT_TRY(tt_links_read(&gold, "0-0 1p2", 7, 0, e));
 *     TT_TRY(tt_links_join(&found, &forward, &backward, src, tgt, TT_JOIN_GROW_DIAG, e));
 *     TT_TRY(tt_aer_add(&aer, &found, &gold, e));
 *     tt_links_free(&found);
 */
#ifndef TT_SCORE_ALIGNMENT_H
#define TT_SCORE_ALIGNMENT_H

#include <stdbool.h>

#include "base/err.h"

/* Links between the words of a pair, counted from 0. */
typedef struct tt_word_link {
    int src, tgt;
    double p; /* probability, as far as it is known */
    int sure; /* 0: possible, in links made by hand */
} tt_word_link;

typedef struct tt_links {
    tt_word_link *link; /* (count of room), owned; a zeroed one is empty */
    size_t count, room;
} tt_links;

void tt_links_free(tt_links *l);
int tt_links_add(tt_links *l, int src, int tgt, double p, int sure, tt_err *e);
void tt_links_sort(tt_links *l); /* by source, then target */

/* A line in Pharaoh form, in place of what is there: "0-0 1-2", "1p2" or "1?2" for possible links,
   "0-0:0.97" with probabilities; words are counted from `from`, 0 or 1. TT_EDATA. */
int tt_links_read(tt_links *l, const char *line, size_t len, int from, tt_err *e);

/* A line of the NAACL form of 2003: "3 1 2 S 0.9", the pair, the words, all from 1, then S for sure
   or P for possible, and a confidence; both may be missing. The link is added, and its pair told;
   one to no word (0) is passed over. TT_EDATA. */
int tt_links_read_naacl(tt_links *l, int *pair, const char *line, size_t len, tt_err *e);
/* Whether a line has the look of that form: two numbers with a blank between. */
bool tt_links_is_naacl(const char *line, size_t len);

/* TT_EDATA, with the link, for one outside a pair of so many words. */
int tt_links_check(const tt_links *l, int src, int tgt, tt_err *e);

/* How links of two directions become one set. The grow- ones are Koehn's, Och's and Marcu's (2003)
 * heuristics. */
enum {
    TT_JOIN_FORWARD,
    TT_JOIN_BACKWARD,
    TT_JOIN_INTERSECTION,
    TT_JOIN_UNION,
    TT_JOIN_GROW_DIAG,
    TT_JOIN_GROW_DIAG_FINAL,
    TT_JOIN_GROW_DIAG_FINAL_AND
};

/* Both are links from source to target. *out is sorted; a link that both have has the geometric
 * mean of its probabilities. */
int tt_links_join(tt_links *out, const tt_links *forward, const tt_links *backward, int src,
                  int tgt, int how, tt_err *e);

/* Sums of alignment error (Och and Ney 2003); start from a zeroed one. */
typedef struct tt_aer {
    size_t pairs, found, sure, sure_found, possible_found;
} tt_aer;

int tt_aer_add(tt_aer *a, const tt_links *found, const tt_links *gold, tt_err *e);
void tt_aer_get(const tt_aer *a, double *precision, double *recall, double *aer); /* 0 … 1 */

#endif
