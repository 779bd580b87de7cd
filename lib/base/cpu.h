/* cpu.h: what the processor can do, asked once by whoever opens a kernel table; and the machine's
 * memory. */
#ifndef TT_BASE_CPU_H
#define TT_BASE_CPU_H

#include <stdint.h>

enum {
    TT_CPU_AVX2 = 1 << 0,   /* AVX2 and FMA, and the system saves their registers */
    TT_CPU_AVX512 = 1 << 1, /* F, BW, DQ, VL */
    TT_CPU_AVX512VNNI = 1 << 2,
    TT_CPU_AVXVNNI = 1 << 3,
    TT_CPU_AVX512BF16 = 1 << 4,
    TT_CPU_BF16X2 = 1 << 5 /* whose products are quicker than those of floats */
};

unsigned tt_cpu_flags(void);

/* Bytes of memory that the machine has; 0: not known. */
uint64_t tt_cpu_memory(void);

#endif
