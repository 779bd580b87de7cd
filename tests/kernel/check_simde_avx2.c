/* check_simde_avx2.c: the checks of the AVX2 kernels compiled against SIMDe, so that they are held
 * against plain C on every CPU; simde.h says how to add a file of kernels.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm_avx2.c"
#include "../../lib/kernel/row_avx2.c"
#include "../../lib/kernel/vec_avx2.c"

#define CHECK_LEVELS {"avx2", 0, "", {tt_fill_gemm_avx2, tt_fill_vec_avx2, tt_fill_row_avx2}},
#include "check_vec.c"
#include "check_row.c"
#include "check_math.c"
#include "check_attend.c"
#include "check_gemm.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&vectors_family,   &rows_family,     &math_family,
                                              &attention_family, &products_family, NULL};
    return check_main("kernel, AVX2 by SIMDe", families, argc, argv);
}
