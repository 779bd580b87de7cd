/* check_simde_avx512.c: check.c on the AVX-512 kernels compiled against SIMDe, so that they are held against
 * plain C on every CPU; simde.h says how to add a file of kernels.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm_avx512.c"
#include "../../lib/kernel/row_avx512.c"
#include "../../lib/kernel/vec_avx512.c"

#define CHECK_NAME "kernel, AVX-512 by SIMDe"
#define CHECK_LEVELS {"avx512", 0, "", {tt_lay_gemm_avx512, tt_lay_vec_avx512, tt_lay_row_avx512}},
#include "check.c"
