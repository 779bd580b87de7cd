/* letter.c: see letter.h. A table of ranges, and cases by arithmetic: the blocks pair their letters
 * either at a fixed distance or even with odd.
 */
#include "text/letter.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "text/clean.h"

struct range {
    uint32_t first, last;
};

/* Rising. Marks that combine with letters count as letters: a word does not end at one. */
static const struct range letters[] = {
    {'A', 'Z'},       {'a', 'z'},         {0xaa, 0xaa},      {0xb5, 0xb5},     {0xba, 0xba},
    {0xc0, 0xd6},     {0xd8, 0xf6},       {0xf8, 0x2c1},     {0x300, 0x374},   {0x376, 0x37d},
    {0x37f, 0x37f},   {0x386, 0x386},     {0x388, 0x481},    {0x483, 0x559},   {0x561, 0x587},
    {0x591, 0x5bd},   {0x5bf, 0x5f2},     {0x610, 0x61a},    {0x620, 0x669},   {0x66e, 0x6d3},
    {0x6d5, 0x6fc},   {0x700, 0x7bf},     {0x7ca, 0x7f5},    {0x800, 0x963},   {0x971, 0xe3a},
    {0xe40, 0xe4e},   {0xe81, 0xecf},     {0xedc, 0xf03},    {0xf18, 0xf19},   {0xf35, 0xf39},
    {0xf3e, 0xf84},   {0xf86, 0xfbc},     {0x1000, 0x103f},  {0x1050, 0x109d}, {0x10a0, 0x1368},
    {0x1380, 0x13ff}, {0x1401, 0x167f},   {0x1681, 0x169a},  {0x16a0, 0x17d3}, {0x1806, 0x1fff},
    {0x2071, 0x2071}, {0x207f, 0x207f},   {0x2090, 0x209c},  {0x2102, 0x2102}, {0x2c00, 0x2dff},
    {0x3005, 0x3007}, {0x3021, 0x302f},   {0x3031, 0x3035},  {0x3041, 0x318e}, {0x31a0, 0x31bf},
    {0x31f0, 0x31ff}, {0x3400, 0x4dbf},   {0x4e00, 0xa48c},  {0xa4d0, 0xd7fb}, {0xf900, 0xfaff},
    {0xfb00, 0xfdfb}, {0xfe20, 0xfe2f},   {0xfe70, 0xfefc},  {0xff21, 0xff3a}, {0xff41, 0xff5a},
    {0xff66, 0xffdc}, {0x10000, 0x1efff}, {0x20000, 0x3ffff}};

bool tt_is_letter(uint32_t c) {
    size_t low = 0, high = sizeof letters / sizeof *letters;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > letters[mid].last) low = mid + 1;
        else if (c < letters[mid].first) high = mid;
        else return true;
    }
    return false;
}

bool tt_is_word(uint32_t c) { return (c >= '0' && c <= '9') || c == '_' || tt_is_letter(c); }

/* Letters that lie even and odd beside each other: the capital is even, or odd where `odd`. */
static int paired(uint32_t c, int *odd) {
    *odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e) || (c >= 0x1cd && c <= 0x1dc);
    if (*odd) return 1;
    return (c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14a && c <= 0x177) ||
           (c >= 0x1de && c <= 0x1ef) || (c >= 0x1f8 && c <= 0x21f) || (c >= 0x222 && c <= 0x233) ||
           (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f) ||
           (c >= 0x1e00 && c <= 0x1e95) || (c >= 0x1ea0 && c <= 0x1eff) ||
           (c >= 0x1a0 && c <= 0x1a5);
}

uint32_t tt_to_small(uint32_t c) {
    int odd;
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (paired(c, &odd)) return (c & 1) == (uint32_t)odd ? c + 1 : c;
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) ||
        (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    if (c >= 0x531 && c <= 0x556) return c + 48;
    if (c == 0x178) return 0xff;
    if (c == 0x1af) return 0x1b0;
    if (c == 0x386) return 0x3ac;
    if (c >= 0x388 && c <= 0x38a) return c + 37;
    if (c == 0x38c) return 0x3cc;
    if (c == 0x38e || c == 0x38f) return c + 63;
    return c;
}

uint32_t tt_to_capital(uint32_t c) {
    int odd;
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    if (paired(c, &odd)) return (c & 1) == (uint32_t)odd ? c : c - 1;
    if ((c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) ||
        (c >= 0x430 && c <= 0x44f))
        return c - 32;
    if (c >= 0x450 && c <= 0x45f) return c - 80;
    if (c >= 0x561 && c <= 0x586) return c - 48;
    if (c == 0xff) return 0x178;
    if (c == 0x1b0) return 0x1af;
    if (c == 0x3ac) return 0x386;
    if (c >= 0x3ad && c <= 0x3af) return c - 37;
    if (c == 0x3cc) return 0x38c;
    if (c == 0x3cd || c == 0x3ce) return c - 63;
    return c;
}

bool tt_is_small(uint32_t c) { return tt_to_capital(c) != c || c == 0xdf || c == 0x3c2; }

bool tt_is_capital(uint32_t c) { return tt_to_small(c) != c; }

bool tt_text_has_letter(const char *text, size_t len) {
    uint32_t c;
    for (size_t i = 0; i < len;) {
        int n = tt_utf8_next(text + i, len - i, &c);
        if (n > 0 && tt_is_letter(c)) return true;
        i += (size_t)(n < 0 ? -n : n);
    }
    return false;
}

void tt_text_case(char *out, const char *text, size_t len, int to) {
    uint32_t c;
    for (size_t i = 0; i < len;) {
        int n = tt_utf8_next(text + i, len - i, &c), size = n < 0 ? -n : n;
        const uint32_t other = to == TT_CASE_SMALL ? tt_to_small(c) : tt_to_capital(c);
        if (n > 0 && other != c && tt_utf8_size(other) == (size_t)size)
            tt_utf8_put(out + i, other); /* both cases have as many bytes */
        else memmove(out + i, text + i, (size_t)size);
        i += (size_t)size;
    }
}
