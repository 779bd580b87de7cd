/* precision.c: the numbers in the products of training, forward and back; what they are made from
 * and summed in stays f32 (Micikevicius et al. 2018).
 */
#include <stddef.h>

#include "kernel/kernel.h"

typedef struct precision {
    tt_row row;
    size_t slot; /* of tt_kernels */
} precision;

static const precision rows[] = {
    {{"f32", "floats", NULL, NULL}, offsetof(tt_kernels, gemm)},
    {{"bf16",
      "bfloat16, 8 bits and an exponent; twice as quick where the processor takes pairs as quickly "
      "as floats",
      "Kalamkar et al. 2019", NULL},
     offsetof(tt_kernels, gemm_bf16)},
    {{"int16",
      "12 bits under a scale for each row and 512 numbers; quicker than floats on every processor",
      "Das et al. 2018", NULL},
     offsetof(tt_kernels, gemm_int16)},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_precision = {"precision", "numbers in the products of training", row_at};

tt_gemm_fn *tt_kernels_product(const tt_kernels *k, const tt_row *row) {
    const size_t slot = ((const precision *)row)->slot;
    return *(tt_gemm_fn *const *)(const void *)((const char *)k + slot);
}
