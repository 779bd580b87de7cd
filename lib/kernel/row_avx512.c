/* row_avx512.c: work on whole rows, with AVX-512 (F, BW, DQ, VL): the text is row.inc. */
#include "kernel/lanes_avx512.h"

#define FILL(file) tt_fill_##file##_avx512
enum { BLEND_VECS = 16 };

#include "kernel/row.inc"
