/* level.h: how one instruction set after the other is laid over the table. Each file of kernels
 * (gemm, gemm8, gemm16, gemmi16, vec, row: products, numbers one by one, rows of a matrix) exports
 * one function, which writes its slots; tt_kernels_init decides which are called. Only kernel.c and
 * the kernel checker, which must reach every level, include this.
 */
#ifndef TT_KERNEL_LEVEL_H
#define TT_KERNEL_LEVEL_H

#include "kernel/kernel.h"

void tt_lay_gemm_c(tt_kernels *k);
void tt_lay_vec_c(tt_kernels *k);
void tt_lay_row_c(tt_kernels *k);
void tt_lay_gemm8_c(tt_kernels *k);
void tt_lay_gemm16_c(tt_kernels *k);
void tt_lay_gemmi16_c(tt_kernels *k);

void tt_lay_gemm_avx2(tt_kernels *k);
void tt_lay_vec_avx2(tt_kernels *k);
void tt_lay_row_avx2(tt_kernels *k);
void tt_lay_gemm8_avx2(tt_kernels *k);
void tt_lay_gemm16_avx2(tt_kernels *k);
void tt_lay_brief_avx2(tt_kernels *k);
void tt_lay_gemmi16_avx2(tt_kernels *k);
void tt_lay_gemm8_avxvnni(tt_kernels *k);
void tt_lay_gemmi16_avxvnni(tt_kernels *k);

void tt_lay_gemm_avx512(tt_kernels *k);
void tt_lay_vec_avx512(tt_kernels *k);
void tt_lay_row_avx512(tt_kernels *k);
void tt_lay_gemm8_avx512(tt_kernels *k);
void tt_lay_gemm16_avx512(tt_kernels *k);
void tt_lay_brief_avx512(tt_kernels *k);
void tt_lay_gemmi16_avx512(tt_kernels *k);
void tt_lay_gemm8_vnni(tt_kernels *k);
void tt_lay_gemmi16_vnni(tt_kernels *k);
void tt_lay_dot16_bf16(tt_kernels *k);
void tt_lay_gemmpair_bf16(tt_kernels *k);

#endif
