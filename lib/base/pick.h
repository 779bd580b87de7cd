/* pick.h: how a room makes a family of its table; the rest is ttrans/family.h.
 *
 *     static const tt_optimizer rows[] = {{{"adam", "…", "Kingma and Ba 2015", NULL}, 2, adam,
 *       NULL}, …};
 *     TT_FAMILY_ROWS(rows)
 *     const tt_family tt_family_optimizer = {"optimizer", "how gradients change weights", row_at};
 *
 * The header of the room declares tt_family_optimizer; catalog/families.c lists it. A row found by
 * tt_pick_read is the room's own: (const tt_optimizer *)pick.row.
 */
#ifndef TT_BASE_PICK_H
#define TT_BASE_PICK_H

#include "ttrans/family.h"

/* row_at, for an array of structs that begin with a tt_row called row. */
#define TT_FAMILY_ROWS(rows)                                                                       \
    static const tt_row *row_at(int i) {                                                           \
        return i >= 0 && (size_t)i < sizeof(rows) / sizeof(rows)[0] ? &(rows)[i].row : NULL;       \
    }

/* "adam, muon, sgd" into text, cut off at cap. */
void tt_family_names(const tt_family *f, char *text, size_t cap);

#endif
