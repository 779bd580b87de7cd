/* isa.c: tells a caller outside the library which instruction set is used. The table itself is made
 * again by whoever computes; this one is thrown away.
 */
#include "kernel/kernel.h"

const char *tt_isa(const char *want, tt_err *e) {
    tt_kernels k;
    return tt_kernels_init(&k, want, e) ? NULL : k.name;
}
