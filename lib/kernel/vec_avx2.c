/* vec_avx2.c: work on numbers one by one, with AVX2 and FMA: the text is vec.inc. */
#include "kernel/lanes_avx2.h"

#define LAY(file) tt_lay_##file##_avx2

#include "kernel/vec.inc"
