/* check_simde_avx512.c: the checks of the AVX-512 kernels compiled against SIMDe, so that they are
 * held against plain C on every CPU; simde.h says how to add a file of kernels.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm_avx512.c"
#include "../../lib/kernel/row_avx512.c"
#include "../../lib/kernel/vec_avx512.c"

#define CHECK_LEVELS                                                                               \
    {"avx512", 0, "", {tt_fill_gemm_avx512, tt_fill_vec_avx512, tt_fill_row_avx512}},
#include "check_vec.c"
#include "check_row.c"
#include "check_math.c"
#include "check_attend.c"
#include "check_gemm.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&vectors_family,   &rows_family,     &math_family,
                                              &attention_family, &products_family, NULL};
    return check_main("kernel, AVX-512 by SIMDe", families, argc, argv);
}
