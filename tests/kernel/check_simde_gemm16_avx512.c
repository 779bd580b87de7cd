/* check_simde_gemm16_avx512.c: the checks of the products of AVX-512 with bfloat16 weights compiled
 * against SIMDe; apart from the other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm16_avx512.c"

#define CHECK_LEVELS                                                                               \
    {"avx512", 0, "gemm16", {tt_fill_gemm16_avx512}},                                              \
        {"avx512", 0, "dot16", {tt_fill_gemm16_avx512}},
#include "check_gemm16.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&bfloat16_family, NULL};
    return check_main("kernel, bfloat16 AVX-512 by SIMDe", families, argc, argv);
}
