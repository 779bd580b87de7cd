/* check_simde_gemm8_avxvnni.c: check.c on the 8-bit products of AVX-VNNI compiled against SIMDe; apart from the
 * other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm8_avxvnni.c"

#define CHECK_NAME "kernel, 8-bit AVX-VNNI by SIMDe"
#define CHECK_LEVELS {"avxvnni", 0, "gemm8", {tt_lay_gemm8_avxvnni}},
#include "check.c"
