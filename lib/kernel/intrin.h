/* intrin.h: where the intrinsics come from: the compiler, or, for a test on a CPU that lacks them,
 * SIMDe, which carries them out in plain C (tests/kernel/simde.h).
 */
#ifndef TT_KERNEL_INTRIN_H
#define TT_KERNEL_INTRIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef TT_SIMDE
#include "kernel/simde.h"
#else
#include <immintrin.h>
#endif

#define ALWAYS static inline __attribute__((always_inline))

/* Written before a loop of few, constant turns whose body must end up in registers; UNROLL_SOME
   before one whose turns are not known, which clang does by itself, or says that it cannot. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(enable)")
#define UNROLL_SOME
#else
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_SOME UNROLL
#endif

/* Makes a register's new value final. For an instruction that writes over its sum, GCC else puts
   sums of an unrolled loop in ever new registers until it runs out of them. */
#ifdef TT_SIMDE
#define KEEP_IN_PLACE(v) (void)(v)
#else
#define KEEP_IN_PLACE(v) __asm__("" : "+v"(v))
#endif

/* Weights are read once a product, panel after panel, from the level 3 cache or from memory: asked
   for so many bytes beforehand they arrive in time. The hardware prefetcher stops at
   page borders, every 32 steps of a tile; with these requests a product of 25 rows is twice as fast. */
enum { TT_AHEAD = 8192 };

/* Behind the end of the memory it does nothing. */
ALWAYS void fetch(const void *p, ptrdiff_t bytes) {
    __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)bytes));
}

#endif
