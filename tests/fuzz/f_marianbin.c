/* f_marianbin: whatever the bytes are, the reader of Marian's binary models makes arrays of them,
 * all of whose numbers lie inside, or refuses them with one line. */
#include "fuzz/arrays.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return arrays_try(tt_marianbin_read, data, size);
}
