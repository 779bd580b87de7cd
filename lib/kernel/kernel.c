/* kernel.c: which instruction set is used. The table is filled with plain C, then with every level
 * the CPU has, each over the one before, up to the one asked for: a level that leaves a slot alone
 * inherits it.
 */
#include "kernel/kernel.h"

#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel/level.h"

typedef struct level {
    tt_row row;
    unsigned needs;                /* flags of cpu.h */
    void (*lay[8])(tt_kernels *k); /* NULL after the last */
} level;

static const level levels[] = {
    {{"c", "plain C, the definition of all others", NULL, NULL},
     0,
     {tt_fill_gemm_c, tt_fill_vec_c, tt_fill_row_c, tt_fill_gemm8_c, tt_fill_gemm16_c,
      tt_fill_gemmi16_c}},
#if defined(__x86_64__)
    {{"avx2", "256 bits and fused multiply-add", NULL, NULL},
     TT_CPU_AVX2,
     {tt_fill_gemm_avx2, tt_fill_vec_avx2, tt_fill_row_avx2, tt_fill_gemm8_avx2, tt_fill_gemm16_avx2,
      tt_fill_gemmi16_avx2, tt_fill_brief_avx2}},
    {{"avxvnni", "avx2, and 8-bit products of AVX-VNNI", NULL, NULL},
     TT_CPU_AVXVNNI,
     {tt_fill_gemm8_avxvnni, tt_fill_gemmi16_avxvnni}},
    {{"avx512", "512 bits", NULL, NULL},
     TT_CPU_AVX512,
     {tt_fill_gemm_avx512, tt_fill_vec_avx512, tt_fill_row_avx512, tt_fill_gemm8_avx512,
      tt_fill_gemm16_avx512, tt_fill_gemmi16_avx512, tt_fill_brief_avx512}},
    {{"vnni", "avx512, and 8-bit products of AVX-512 VNNI", NULL, NULL},
     TT_CPU_AVX512VNNI,
     {tt_fill_gemm8_vnni, tt_fill_gemmi16_vnni}},
    {{"bf16", "vnni, and 16-bit products of AVX-512 BF16", NULL, NULL},
     TT_CPU_AVX512BF16,
     {tt_fill_dot16_bf16}},
    {{"bf16x2", "bf16, where its products of training are twice as quick as f32", NULL, NULL},
     TT_CPU_AVX512BF16 | TT_CPU_BF16X2,
     {tt_fill_gemmpair_bf16}},
#endif
};
enum { LEVELS = sizeof levels / sizeof levels[0] };

TT_FAMILY_ROWS(levels)
const tt_family tt_family_isa = {"isa", "instruction sets of the arithmetic, for TTRANS_ISA",
                                 row_at};

/* The names of the levels that need no more than `flags`: "c, avx2". */
static void list_names(char *text, size_t size, unsigned flags) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < LEVELS; i++) {
        if (levels[i].needs & ~flags || used + strlen(levels[i].row.name) + 3 > size) continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                 levels[i].row.name);
    }
}

int tt_kernels_init(tt_kernels *k, const char *isa, tt_err *e) {
    unsigned flags = tt_cpu_flags();
    int want = LEVELS - 1;
    char names[64];
    if (isa && isa[0]) {
        for (want = 0; want < LEVELS && strcmp(levels[want].row.name, isa) != 0; want++) {
        }
        if (want == LEVELS) {
            list_names(names, sizeof names, ~0u);
            return tt_fail(e, TT_EUSAGE, "unknown instruction set '%.40s': expected one of %s", isa,
                           names);
        }
        if (levels[want].needs & ~flags) {
            list_names(names, sizeof names, flags);
            return tt_fail(e, TT_EUSAGE, "this CPU lacks instruction set '%s': it has %s", isa,
                           names);
        }
    }
    memset(k, 0, sizeof *k);
    for (int i = 0; i <= want; i++) {
        if (levels[i].needs & ~flags) continue;
        k->name = levels[i].row.name;
        for (int j = 0; levels[i].lay[j]; j++) levels[i].lay[j](k);
    }
    return 0;
}

#define ROW(id, name, help, source) {name, help, source, NULL},
static const tt_row activations[] = {TT_ACTIVATIONS(ROW)};
#undef ROW

static const tt_row *activation_at(int i) {
    return i >= 0 && (size_t)i < sizeof activations / sizeof activations[0] ? &activations[i]
                                                                            : NULL;
}
const tt_family tt_family_activation = {
    "activation", "what is done to each number of a layer's inside", activation_at};
