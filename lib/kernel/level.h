/* level.h: how one instruction set after the other is laid over the table. Each file of kernels
 * (gemm, gemm8, gemm16, gemmi16, vec, row: products, numbers one by one, rows of a matrix) exports
 * one function, which writes its slots; tt_kernels_init decides which are called. Only kernel.c and
 * the kernel checker, which must reach every level, include this.
 */
#ifndef TT_KERNEL_LEVEL_H
#define TT_KERNEL_LEVEL_H

#include "kernel/kernel.h"

void tt_fill_gemm_c(tt_kernels *k);
void tt_fill_vec_c(tt_kernels *k);
void tt_fill_row_c(tt_kernels *k);
void tt_fill_gemm8_c(tt_kernels *k);
void tt_fill_gemm16_c(tt_kernels *k);
void tt_fill_gemmi16_c(tt_kernels *k);

void tt_fill_gemm_avx2(tt_kernels *k);
void tt_fill_vec_avx2(tt_kernels *k);
void tt_fill_row_avx2(tt_kernels *k);
void tt_fill_gemm8_avx2(tt_kernels *k);
void tt_fill_gemm16_avx2(tt_kernels *k);
void tt_fill_brief_avx2(tt_kernels *k);
void tt_fill_gemmi16_avx2(tt_kernels *k);
void tt_fill_gemm8_avxvnni(tt_kernels *k);
void tt_fill_gemmi16_avxvnni(tt_kernels *k);

void tt_fill_gemm_avx512(tt_kernels *k);
void tt_fill_vec_avx512(tt_kernels *k);
void tt_fill_row_avx512(tt_kernels *k);
void tt_fill_gemm8_avx512(tt_kernels *k);
void tt_fill_gemm16_avx512(tt_kernels *k);
void tt_fill_brief_avx512(tt_kernels *k);
void tt_fill_gemmi16_avx512(tt_kernels *k);
void tt_fill_gemm8_vnni(tt_kernels *k);
void tt_fill_gemmi16_vnni(tt_kernels *k);
void tt_fill_dot16_bf16(tt_kernels *k);
void tt_fill_gemmpair_bf16(tt_kernels *k);

#endif
