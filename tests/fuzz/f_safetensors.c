/* f_safetensors: whatever the bytes are, the reader of safetensors makes arrays of them, all of
 * whose numbers lie inside, or refuses them with one line. */
#include "fuzz/arrays.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return arrays_try(tt_safetensors_read, data, size);
}
