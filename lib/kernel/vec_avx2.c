/* vec_avx2.c: work on numbers one by one, with AVX2 and FMA: the text is vec.inc. */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avx2

#include "kernel/vec.inc"
