/* yaml.h: the part of YAML in which Marian writes its options and vocabularies: one mapping of
 * scalars and of lists of scalars.
 *
 *     tt_yaml y;
 *     TT_TRY(tt_yaml_read(&y, text, len, "decoder.yml", arena, e));
 *     tt_yaml_entry *x = tt_yaml_get(&y, "beam-size");       // x->value[0]
 *
 * Known: plain, 'single' and "double" quoted scalars with their escapes, complex keys ("? key" and
 * ": value"), lists as "- item" lines or [in, brackets], comments. Refused, with the line:
 * everything nested deeper, block scalars, anchors and tags.
 */
#ifndef TT_PORT_YAML_H
#define TT_PORT_YAML_H

#include <stdbool.h>

#include "base/arena.h"

typedef struct tt_yaml_entry {
    const char *key;
    size_t key_len;
    const char **value; /* (count), NUL-ended; a scalar has one */
    size_t count, line;
    bool list;
    bool quoted; /* its last scalar stood in quotes */
    bool used;   /* the reader's, to find what nobody asked for */
} tt_yaml_entry;

typedef struct tt_yaml {
    const char *file;
    tt_yaml_entry *entry; /* (count), in the order of the file */
    size_t count, room;
} tt_yaml;

/* Everything lives in the arena. TT_EFORMAT; a key that is there twice too, unless `vocabulary`,
   where the caller looks, and where keys are many. */
int tt_yaml_read(tt_yaml *y, const char *text, size_t len, const char *file, bool vocabulary,
                 tt_arena *a, tt_err *e);

tt_yaml_entry *tt_yaml_get(const tt_yaml *y, const char *key);

#endif
