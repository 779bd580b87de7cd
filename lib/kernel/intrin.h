/* intrin.h: where the intrinsics come from: the compiler, or, for a test on a CPU that lacks them,
 * SIMDe, which carries them out in plain C (tests/kernel/simde.h).
 */
#ifndef TT_KERNEL_INTRIN_H
#define TT_KERNEL_INTRIN_H

#ifdef TT_SIMDE
#include "kernel/simde.h"
#else
#include <immintrin.h>
#endif

#define ALWAYS static inline __attribute__((always_inline))

/* Written before a loop of few, constant turns whose body must end up in registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif
