/* t_modeldata.c: numbers in every type of a model file, to the bit; byte planes and their
 * compression; what names and sizes there may be.
 */
#include "io/modeldata.h"
#include "kernel/kernel.h"
#include "unit/test.h"
#include "unit/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void test_short_floats(void) {
    for (int type = TT_TYPE_BF16; type <= TT_TYPE_F16; type++) {
        int man = type == TT_TYPE_F16 ? 10 : 7, bias = type == TT_TYPE_F16 ? 15 : 127;
        int top = type == TT_TYPE_F16 ? 31 : 255, bad_value = 0, bad_back = 0, bad_tie = 0;
        for (uint32_t h = 0; h < 0x10000; h++) {
            int e = (int)(h >> man) & top, m = (int)h & ((1 << man) - 1);
            double v = e == top ? (m ? NAN : INFINITY)
                       : e      ? ldexp(m + (1 << man), e - bias - man)
                                : ldexp(m, 1 - bias - man);
            float x = widen((uint16_t)h, type);
            if (isnan(v) ? !isnan(x) : (double)x != (h >> 15 ? -v : v)) bad_value++;
            if (isnan(v) ? !isnan(widen(shorten(x, type), type)) : shorten(x, type) != h)
                bad_back++;
            if (e >= top - 1 || isnan(v)) continue;
            /* half way to the next number: to the even one; a hair beyond: away */
            float half = (float)((v + (double)widen((uint16_t)((h & 0x7fff) + 1), type)) / 2);
            if ((double)half == v || !(half > 0)) continue; /* below f32's own precision */
            float sign = h >> 15 ? -1.0f : 1.0f;
            uint16_t even = (uint16_t)(h + (h & 1));
            if (shorten(sign * half, type) != even) bad_tie++;
            if (shorten(sign * nextafterf(half, INFINITY), type) != (uint16_t)(h + 1)) bad_tie++;
            if (shorten(sign * nextafterf(half, 0), type) != (uint16_t)h) bad_tie++;
        }
        CHECK(!bad_value, "type %d: %d values", type, bad_value);
        CHECK(!bad_back, "type %d: %d do not come back", type, bad_back);
        CHECK(!bad_tie, "type %d: %d round wrongly", type, bad_tie);
    }
    CHECK(shorten(65519.9f, TT_TYPE_F16) == 0x7bff && shorten(65520.0f, TT_TYPE_F16) == 0x7c00 &&
              shorten(1e30f, TT_TYPE_F16) == 0x7c00,
          "beyond f16's range");
    CHECK(shorten(3.4e38f, TT_TYPE_BF16) == 0x7f80, "beyond bf16's range");
}

static void test_int8(void) {
    float x[5] = {127.0f, 0.5f, 1.5f, -2.5f, -126.6f}, y[5];
    unsigned char q[5];
    float inv, scale = tt_ttm_i8_scale(&inv, x, 5);
    CHECK(scale == 1.0f, "%g", (double)scale);
    tt_ttm_i8_from_f32(q, x, inv, 5);
    static const signed char expected[5] = {127, 0, 2, -2, -127};
    CHECK(!memcmp(q, expected, 5), "ties to even");
    tt_ttm_i8_to_f32(y, q, 2.0f, 5);
    CHECK(y[0] == 254.0f && y[3] == -4.0f, "%g %g", (double)y[0], (double)y[3]);
    float zero[2] = {0.0f, -0.0f}, tiny[2] = {1e-44f, -1e-45f};
    CHECK(tt_ttm_i8_scale(&inv, zero, 2) == 0.0f && inv == 0.0f, "a row of zeros");
    tt_ttm_i8_from_f32(q, zero, 0.0f, 2);
    CHECK(q[0] == 0 && q[1] == 0, "stays one");
    CHECK(tt_ttm_i8_scale(&inv, tiny, 2) == 0.0f && inv == 0.0f, "as good as zeros");
    float odd[3] = {1.0f, NAN, 2.0f};
    CHECK(isnan(tt_ttm_i8_scale(&inv, odd, 3)), "NaN");
    odd[1] = -INFINITY;
    CHECK(isnan(tt_ttm_i8_scale(&inv, odd, 3)), "infinity");

    tt_kernels k; /* the same rule stands there */
    float row[300], scales[1];
    int8_t bytes[TT_ROW8(300)];
    CHECK(!tt_kernels_init(&k, "c", NULL), "kernels");
    for (int i = 0; i < 200; i++) {
        float *w = weights(300, (uint64_t)i);
        for (int j = 0; j < 300; j++) row[j] = ldexpf(w[j], i - 110);
        k.quantize8(bytes, scales, NULL, row, 300, 1, 300);
        unsigned char mine[300];
        scale = tt_ttm_i8_scale(&inv, row, 300);
        tt_ttm_i8_from_f32(mine, row, inv, 300);
        CHECK(scale == scales[0] && !memcmp(mine, bytes, 300), "2^%d", i - 110);
        free(w);
    }
}

/* Of weights in two planes the mantissas stand in the stream as they are, the exponents in a code;
 * and all of it comes back. */
static void test_planes(void) {
    enum { N = 100000, SOME = 500 };
    float *x = weights(N, 9);
    unsigned char *raw = malloc(2 * N), *planes = malloc(2 * N), *packed = malloc(2 * N),
                  *back = malloc(2 * N);
    size_t got = 0, low = 0, high = 0;
    for (int i = 0; i < N; i++) x[i] += 1e-3f; /* a plane of zeros is no plane of mantissas */
    tt_ttm_from_f32(raw, x, TT_TYPE_BF16, N);
    tt_ttm_split(planes, raw, 2, N);
    CHECK(!tt_ttm_deflate(packed, &got, 2 * N, planes, 2 * N, TT_TYPE_BF16, NULL) && got > N &&
              got < 2 * N * 3 / 4,
          "%zu", got);
    for (size_t i = 0; i + SOME < got; i++) {
        low += !memcmp(packed + i, planes + 1000, SOME);
        high += !memcmp(packed + i, planes + N + 1000, SOME);
    }
    CHECK(low == 1 && high == 0, "%zu and %zu", low, high);
    CHECK(!tt_ttm_inflate(back, 2 * N, packed, got, NULL) && !memcmp(back, planes, 2 * N));
    free(x);
    free(raw);
    free(planes);
    free(packed);
    free(back);
}

/* Planes of any number of bytes, joined from any distance. */
static void test_join(void) {
    static unsigned char raw[4 * 100], planes[4 * 150], back[4 * 100];
    for (size_t i = 0; i < sizeof raw; i++) raw[i] = (unsigned char)tt_rand(3, i);
    for (size_t width = 1; width <= 4; width *= 2)
        for (size_t n = 0; n <= 100; n += n < 40 ? 1 : 20) {
            tt_ttm_split(planes, raw, width, n);
            size_t wrong = 0;
            for (size_t i = 0; i < n * width; i++)
                wrong += planes[i % width * n + i / width] != raw[i];
            for (size_t b = width; b-- > 0;) memmove(planes + b * 150, planes + b * n, n);
            memset(back, 0, sizeof back);
            tt_ttm_join(back, planes, width, n, 150);
            CHECK(!wrong && !memcmp(back, raw, n * width), "%zu numbers of %zu bytes", n, width);
        }
}

/* A stream that ends early, is damaged, is longer or shorter than said, or finds no room. */
static void test_deflate(void) {
    enum { N = 3000 };
    static unsigned char text[N], packed[2 * N], back[N + 1];
    size_t got = 0, some = 0;
    tt_err e = {0};
    for (int i = 0; i < N; i++)
        text[i] = (unsigned char)("words of a vocabulary "[i % 22] + (i % 290 == 0));
    CHECK(!tt_ttm_deflate(packed, &got, sizeof packed, text, N, TT_TYPE_U8, &e) && got > 20 &&
              got < N / 4,
          "%zu", got);
    CHECK(!tt_ttm_inflate(back, N, packed, got, &e) && !memcmp(back, text, N), "%s", e.msg);
    CHECK(tt_ttm_inflate(back, N, packed, got - 1, &e) == TT_EFORMAT, "cut off");
    CHECK(tt_ttm_inflate(back, N - 1, packed, got, &e) == TT_EFORMAT, "longer than said");
    CHECK(tt_ttm_inflate(back, N + 1, packed, got, &e) == TT_EFORMAT, "shorter than said");
    packed[got] = 0;
    CHECK(tt_ttm_inflate(back, N, packed, got + 1, &e) == TT_EFORMAT, "a byte behind the end");
    packed[got / 2] ^= 0x10;
    CHECK(tt_ttm_inflate(back, N, packed, got, &e) == TT_EFORMAT, "a flipped bit");
    for (size_t cap = 0; cap <= got; cap += cap + 8 < got ? 7 : 1) {
        CHECK(!tt_ttm_deflate(packed, &some, cap, text, N, TT_TYPE_U8, &e) &&
                  some == (cap < got ? 0 : got),
              "room for %zu: %zu", cap, some);
        if (cap == got) break;
    }
}

static void test_allowed(void) {
    char name[TT_TTM_NAME_MAX + 2];
    memset(name, 'x', sizeof name);
    CHECK(tt_ttm_name_ok("enc.0.w", 7) && tt_ttm_name_ok(name, TT_TTM_NAME_MAX) &&
          tt_ttm_name_ok("!~", 2));
    CHECK(!tt_ttm_name_ok("", 0) && !tt_ttm_name_ok(name, TT_TTM_NAME_MAX + 1) &&
          !tt_ttm_name_ok("a b", 3));
    CHECK(!tt_ttm_name_ok("a\x7f", 2) && !tt_ttm_name_ok("\xc3\xb1", 2) &&
          !tt_ttm_name_ok("a\0b", 3));
    CHECK(tt_ttm_text_ok("", 0) && tt_ttm_text_ok("\xc3\xb1\n", 3) && !tt_ttm_text_ok("a\0b", 3) &&
          !tt_ttm_text_ok("\xc3", 1));
    size_t raw;
    CHECK(tt_ttm_raw_size(&raw, TT_TYPE_F32, 3, 5) && raw == 60 &&
          tt_ttm_raw_size(&raw, TT_TYPE_BF16, 3, 5) && raw == 30);
    CHECK(tt_ttm_raw_size(&raw, TT_TYPE_I8, 3, 5) && raw == 27 &&
          tt_ttm_raw_size(&raw, TT_TYPE_U8, 1, 5) && raw == 5);
    CHECK(tt_ttm_raw_size(&raw, TT_TYPE_F32, 0, 5) && raw == 0 &&
          tt_ttm_raw_size(&raw, TT_TYPE_I8, 3, 0) && raw == 12);
    CHECK(!tt_ttm_raw_size(&raw, TT_TYPE_U8, 2, 5) && !tt_ttm_raw_size(&raw, TT_TYPE_COUNT, 1, 1) &&
          !tt_ttm_raw_size(&raw, -1, 1, 1));
    CHECK(!tt_ttm_raw_size(&raw, TT_TYPE_F32, UINT64_MAX, 1) &&
          !tt_ttm_raw_size(&raw, TT_TYPE_F32, 1ull << 32, 1ull << 32));
    CHECK(!tt_ttm_raw_size(&raw, TT_TYPE_F32, 1ull << 31, 1ull << 31) &&
          !tt_ttm_raw_size(&raw, TT_TYPE_I8, 1ull << 62, 0));
    CHECK(tt_ttm_round(0) == 0 && tt_ttm_round(1) == 64 && tt_ttm_round(64) == 64 &&
          tt_ttm_round(65) == 128);
}

int main(void) {
    test_short_floats();
    test_int8();
    test_planes();
    test_join();
    test_deflate();
    test_allowed();
    return test_done("t_modeldata");
}
