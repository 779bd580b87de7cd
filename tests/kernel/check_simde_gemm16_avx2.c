/* check_simde_gemm16_avx2.c: the checks of the products of AVX2 with bfloat16 weights compiled
 * against SIMDe; apart from the other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm16_avx2.c"

#define CHECK_LEVELS                                                                               \
    {"avx2", 0, "gemm16", {tt_fill_gemm16_avx2}}, {"avx2", 0, "dot16", {tt_fill_gemm16_avx2}},
#include "check_gemm16.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&bfloat16_family, NULL};
    return check_main("kernel, bfloat16 AVX2 by SIMDe", families, argc, argv);
}
