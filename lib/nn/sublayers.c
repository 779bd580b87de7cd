/* sublayers.c: what may stand in a decoder layer to see what came before: the family autoreg. */
#include "nn/sublayer.h"

#define ENTRY(id, row) &tt_sub_##row,
static const tt_sublayer *const mixers[] = {TT_AUTOREGS(ENTRY)};
#undef ENTRY

const tt_sublayer *tt_sublayer_autoreg(int i) { return mixers[i]; }

static const tt_row *row_at(int i) {
    return i >= 0 && (size_t)i < sizeof mixers / sizeof *mixers ? &mixers[i]->row : NULL;
}

const tt_family tt_family_autoreg = {"autoreg", "how a decoder layer sees what came before",
                                     row_at};
