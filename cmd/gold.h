/* gold.h: links made by hand, pair after pair, from a file in one of two forms: a line of Pharaoh's
 * for each pair, or NAACL's, a line for each link.
 *
 *     tt_gold *g = tt_gold_open("hand.links", 0, e);
 *     TT_TRY(tt_gold_next(g, &links, e));                 // of the first pair
 *     TT_TRY(tt_gold_check(g, &links, 5, 4, e));
 *     TT_TRY(tt_gold_end(g, 1, e));
 *     tt_gold_close(g);
 */
#ifndef TT_CMD_GOLD_H
#define TT_CMD_GOLD_H

#include "cmd.h"
#include "score/alignment.h"

typedef struct tt_gold tt_gold;

/* from: the number of the first word in Pharaoh's form, which NAACL's says itself. NULL on
   failure. */
tt_gold *tt_gold_open(const char *path, int from, tt_err *e);
void tt_gold_close(tt_gold *g);

/* The links of the next pair, in place of what is there. TT_EDATA, with file and line, for what is
   none, and for a file that ends before; a pair that NAACL's form leaves out has none. */
int tt_gold_next(tt_gold *g, tt_links *l, tt_err *e);

/* TT_EDATA, with file and line, for a link outside a pair of so many words. */
int tt_gold_check(const tt_gold *g, const tt_links *l, int src, int tgt, tt_err *e);

/* Behind the last of so many pairs: TT_EDATA if the file has more. */
int tt_gold_end(tt_gold *g, size_t pairs, tt_err *e);

#endif
