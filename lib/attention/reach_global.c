/* reach_global.c: every key; in the decoder's self-attention, all up to the query itself. */
#include "attention/parts.h"

const tt_reach tt_reach_global = {
    .r = {{"global", "all keys", "Bahdanau et al. 2015", NULL}, TT_AT_ALL}};
