/* check_simde_gemm8_avxvnni.c: the checks of the 8-bit products of AVX-VNNI compiled against SIMDe;
 * apart from the other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemm8_avxvnni.c"

#define CHECK_LEVELS {"avxvnni", 0, "gemm8", {tt_fill_gemm8_avxvnni}},
#include "check_gemm8.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&int8_family, NULL};
    return check_main("kernel, 8-bit AVX-VNNI by SIMDe", families, argc, argv);
}
