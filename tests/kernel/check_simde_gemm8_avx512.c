/* check_simde_gemm8_avx512.c: the checks of the 8-bit products of AVX-512 compiled against SIMDe;
 * apart from the other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm8_avx512.c"

#define CHECK_LEVELS {"avx512", 0, "gemm8", {tt_fill_gemm8_avx512}},
#include "check_gemm8.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&int8_family, NULL};
    return check_main("kernel, 8-bit AVX-512 by SIMDe", families, argc, argv);
}
