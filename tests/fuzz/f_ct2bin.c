/* f_ct2bin: whatever the bytes are, the reader of CTranslate2's models makes arrays of them, all of
 * whose numbers lie inside, or refuses them with one line. */
#include "fuzz/arrays.h"

static int read_any(tt_arrays *list, const void *data, size_t size, tt_err *e) {
    char spec[64];
    unsigned revision;
    return tt_ct2bin_read(list, spec, &revision, data, size, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return arrays_try(read_any, data, size);
}
