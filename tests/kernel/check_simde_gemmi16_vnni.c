/* check_simde_gemmi16_vnni.c: the checks of training's products of 12-bit numbers compiled against
 * SIMDe; apart from the other kernels, whose names are the same.
 */
#define _DEFAULT_SOURCE 1
#define TT_SIMDE
#include "../../lib/kernel/gemmi16_vnni.c"

#define CHECK_LEVELS {"vnni", 0, "gemm_int16", {tt_fill_gemmi16_vnni}},
#include "check_gemms.c"

int main(int argc, char **argv) {
    static const kfamily *const families[] = {&gemms_family, NULL};
    return check_main("kernel, 12 bits vnni by SIMDe", families, argc, argv);
}
