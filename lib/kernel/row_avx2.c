/* row_avx2.c: work on whole rows, with AVX2 and FMA: the text is row.inc. */
#include "kernel/lanes_avx2.h"

#define FILL(file) tt_fill_##file##_avx2
enum { BLEND_VECS = 4 };

#include "kernel/row.inc"
