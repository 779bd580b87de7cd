/* vec_avx512.c: work on numbers one by one, with AVX-512 (F, BW, DQ, VL): the text is vec.inc. */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_avx512

#include "kernel/vec.inc"
