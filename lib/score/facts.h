/* facts.h: what facts.c and compare.c share; what they offer is in ttrans.h ("what scores hide").
 *
 * The finder's arena is rewound at each call, so what a call returns lives until the next one.
 */
#ifndef TT_SCORE_FACTS_H
#define TT_SCORE_FACTS_H

#include <stdbool.h>

#include "base/arena.h"

struct tt_fact_finder {
    tt_arena *arena;
};

bool tt_facts_equal(tt_span a, tt_span b); /* the same bytes */

#endif
