/* families.c: the list of all families; see ttrans/family.h. It is the only file that sees every
 * room, and no room includes it.
 */
#include <string.h>

#include "draw/drawing.h"
#include "io/modeldata.h"
#include "kernel/kernel.h"
#include "lexical/posterior.h"
#include "markup/markup.h"
#include "nn/arch.h"
#include "nn/sublayer.h"
#include "port/port.h"
#include "score/metric.h"
#include "text/filter.h"
#include "text/spm.h"
#include "train/optim.h"
#include "train/schedule.h"
#include "train/valid.h"

static const tt_family *const families[] = {
    &tt_family_preset,       &tt_family_encoder,      &tt_family_decoder,     &tt_family_cell,
    &tt_family_architecture, &tt_family_sublayer,     &tt_family_init,        &tt_family_autoreg,
    &tt_family_norm,         &tt_family_activation,   &tt_family_positions,   &tt_family_align,
    &tt_family_distribution, &tt_family_reach,        &tt_family_projections, &tt_family_optimizer,
    &tt_family_warmup,       &tt_family_schedule,     &tt_family_validation,  &tt_family_metric,
    &tt_family_norm_kind,    &tt_family_feed_forward, &tt_family_tokenizer,   &tt_family_smoothing,
    &tt_family_type,         &tt_family_export,       &tt_family_isa,         &tt_family_aligner,
    &tt_family_second,       &tt_family_modifier,     &tt_family_filter,      &tt_family_pieces,
    &tt_family_normaliser,   &tt_family_document,     &tt_family_picture,     &tt_family_map,
    &tt_family_precision,
};
enum { FAMILIES = sizeof families / sizeof families[0] };

const tt_family *tt_family_at(int i) { return i >= 0 && i < FAMILIES ? families[i] : NULL; }

const tt_family *tt_family_find(const char *name) {
    for (int i = 0; i < FAMILIES; i++)
        if (!strcmp(families[i]->name, name)) return families[i];
    return NULL;
}
