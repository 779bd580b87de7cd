/* sublayers.c: the families sublayer and autoreg: all that may stand in a layer, and, of these,
 * what lets a decoder layer see what came before. A layer is the rows that stand in it, in the
 * order of the table.
 */
#include "nn/sublayer.h"

#define ENTRY(id, row) &tt_sub_##row,
static const tt_sublayer *const rows[] = {&tt_sub_scan, TT_AUTOREGS(ENTRY) & tt_sub_cross,
                                          &tt_sub_ffn};
static const tt_sublayer *const mixers[] = {TT_AUTOREGS(ENTRY)};
#undef ENTRY

const tt_sublayer *tt_sublayer_at(int i) {
    return i >= 0 && (size_t)i < sizeof rows / sizeof *rows ? rows[i] : NULL;
}

bool tt_hyper_mixes(const tt_hyper *h, int autoreg) {
    return !tt_hyper_decoder_cell(h) && h->autoreg == autoreg;
}

static const tt_row *row_at(int i) {
    const tt_sublayer *s = tt_sublayer_at(i);
    return s ? &s->row : NULL;
}

static const tt_row *mixer_at(int i) {
    return i >= 0 && (size_t)i < sizeof mixers / sizeof *mixers ? &mixers[i]->row : NULL;
}

const tt_family tt_family_sublayer = {"sublayer", "what a layer is made of", row_at};
const tt_family tt_family_autoreg = {"autoreg", "how a decoder layer sees what came before",
                                     mixer_at};
