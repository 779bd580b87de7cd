/* cpu.c: see cpu.h. CPUID and XGETBV as in Intel's manual, volume 1, 14.3 and 15.2: an instruction
 * set counts only when the operating system saves its registers too.
 */
#define _GNU_SOURCE
#include "base/cpu.h"
#include "ttrans.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>

static unsigned long long saved_state(void) {
    unsigned lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (unsigned long long)hi << 32 | lo;
}

/* VDPBF16PS, two products a lane, comes as often as a multiply-add on AMD's (Zen 4 and 5). On
   Intel's it comes every second cycle, and four multiply-adds do in that time (Emerald Rapids: 86
   against 175 GFLOP/s). */
static bool has_quick_pairs(void) {
    unsigned a, b, c, d;
    return __get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx && d == signature_AMD_edx &&
           c == signature_AMD_ecx;
}

unsigned tt_cpu_flags(void) {
    unsigned a, b, c, d, flags = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const unsigned osxsave = 1u << 27, avx = 1u << 28, fma = 1u << 12;
    if ((c & (osxsave | avx | fma)) != (osxsave | avx | fma)) return 0;
    unsigned long long state = saved_state();
    if ((state & 0x6) != 0x6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    unsigned b7 = b, c7 = c;
    unsigned a71 = 0;
    if (a >= 1 && __get_cpuid_count(7, 1, &a71, &b, &c, &d)) {
        if (a71 & 1u << 4) flags |= TT_CPU_AVXVNNI;
    } else {
        a71 = 0;
    }
    if (b7 & 1u << 5) flags |= TT_CPU_AVX2;
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    if ((state & 0xe6) == 0xe6 && (b7 & (f | dq | bw | vl)) == (f | dq | bw | vl)) {
        flags |= TT_CPU_AVX512;
        if (c7 & 1u << 11) flags |= TT_CPU_AVX512VNNI;
        if (a71 & 1u << 5) flags |= TT_CPU_AVX512BF16;
        if (a71 & 1u << 5 && has_quick_pairs()) flags |= TT_CPU_BF16X2;
    }
    if (!(flags & TT_CPU_AVX2)) flags = 0;
    return flags;
}

void tt_cpu_name(char *name, size_t cap) {
    unsigned r[12] = {0};
    char text[sizeof r + 1] = "";
    for (unsigned i = 0; i < 3; i++) /* the brand string, blanks around it */
        if (!__get_cpuid(0x80000002u + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]))
            r[0] = 0;
    memcpy(text, r, sizeof r);
    size_t first = strspn(text, " "), len = strlen(text);
    while (len > first && text[len - 1] == ' ') len--;
    len = len - first < cap ? len - first : cap - 1;
    memcpy(name, text + first, len);
    name[len] = '\0';
}
#else
unsigned tt_cpu_flags(void) { return 0; }

void tt_cpu_name(char *name, size_t cap) {
    if (cap) name[0] = '\0';
}
#endif

int tt_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

uint64_t tt_cpu_memory(void) {
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}
