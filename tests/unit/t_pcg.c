/* t_pcg.c: NumPy's random numbers and sums, against figures that NumPy 2.4 printed. */
#include "score/pcg.h"

#include "score/numpy.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

static uint64_t next(tt_pcg *g) {
    uint64_t word;
    tt_pcg_words(g, &word, 1);
    return word;
}

static void test_seeds(void) {
    static const struct {
        const char *seed;
        uint64_t words[3]; /* default_rng(seed).integers(0, 2**64, 3, dtype=uint64) */
    } cases[] = {{"12345", {0x3a32b18db2ffc19du, 0x51171315c9e4c4deu, 0xcc2024823444efd9u}},
                 {"0", {0xa30febcfd9c2825fu, 0x4510bdf882d9d721u, 0x0a7d3da94ecde8b8u}},
                 {"1", {0x8306bdf37922e4ffu, 0xf35196bbc152a866u, 0x24e7a4f608ec18cdu}},
                 {"4294967296", {0xe3c5ebe285ac1625u, 0x8ea09968fe31dbccu, 0xcd084ff84d8de9beu}},
                 {"340282366920938463463374607431768211461",
                  {0x40ceb06289d733feu, 0x12eb0c40e8b478aau, 0xd1c2bb46ba9c994au}},
                 {"100000000000000000000000000000000000000000000000000",
                  {0x27e9638528e895ffu, 0x2e7b70fbe8d9e081u, 0xc505309a44b06b90u}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_pcg g;
        CHECK(!tt_pcg_seed(&g, cases[i].seed, 0, NULL), "seed %s", cases[i].seed);
        for (int k = 0; k < 3; k++)
            CHECK(next(&g) == cases[i].words[k], "seed %s, word %d", cases[i].seed, k);
    }
    tt_pcg g;
    tt_pcg_seed(&g, "0012345", 0, NULL);
    CHECK(next(&g) == cases[0].words[0], "zeros before a seed");
    static const char *const bad[] = {"", "-1", "1.5", "12x", "nonesuch", "non", " 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(tt_pcg_seed(&g, bad[i], 0, NULL) == TT_EUSAGE, "seed '%s'", bad[i]);
    tt_pcg a, b;
    CHECK(!tt_pcg_seed(&a, "nOnE", 0, NULL) && !tt_pcg_seed(&b, "0", 1, NULL), "from the system");
    CHECK(memcmp(&a, &b, sizeof a), "the system gives different seeds");
}

static void test_below(void) {
    static const uint32_t want[] = {2100, 682,  2369, 951, 613,
                                    2395, 1930, 2031}; /* default_rng(12345).integers(0, 3004, 8) */
    tt_pcg g, h;
    tt_pcg_seed(&g, "12345", 0, NULL);
    uint32_t got[8] = {1};
    tt_pcg_below(&g, got, 1, 1);
    CHECK(got[0] == 0, "one choice draws nothing");
    tt_pcg_below(&g, got, 8, 3004);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        CHECK(got[i] == want[i], "number %zu: %u", i, (unsigned)got[i]);
    static const uint32_t hard[] = {
        2834714867u, 2052539810u, 2691641402u, 1734877356u, 2327057070u,
        2500953064u, 675621569u,  166594732u}; /* default_rng(7).integers(0, 3000000000, 8) */
    tt_pcg_seed(&g, "7", 0, NULL);
    tt_pcg_below(&g, got, 3, 3000000000u);
    tt_pcg_below(&g, got + 3, 5, 3000000000u);
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        CHECK(got[i] == hard[i], "drawn again, number %zu: %u", i, (unsigned)got[i]);
    tt_pcg_seed(&g, "1", 0, NULL);
    h = g;
    for (int i = 0; i < 1000; i++) next(&g);
    tt_pcg_skip(&h, 1000);
    CHECK(next(&g) == next(&h), "skipping is drawing");
    uint64_t words[7];
    h = g;
    tt_pcg_words(&g, words, 7);
    for (int i = 0; i < 7; i++) CHECK(words[i] == next(&h), "seven at once, word %d", i);
    uint32_t once[101], parts[101];
    h = g;
    tt_pcg_below(&g, once, 101, 3000000000u);
    for (size_t i = 0, n; i < 101; i += n) {
        n = i % 7 + 1 < 101 - i ? i % 7 + 1 : 101 - i;
        tt_pcg_below(&h, parts + i, n, 3000000000u);
    }
    CHECK(!memcmp(once, parts, sizeof once) && next(&g) == next(&h), "in parts as at once");
}

static void test_sums(void) {
    double v[1000], w[1000];
    for (int i = 0; i < 1000; i++) {
        v[i] = sqrt(i + 1);
        w[i] = (double)(float)v[i];
    }
    CHECK(fabs(tt_numpy_mean(v, 1000, 0) - 21.097455887480734) < 1e-300, "%.17g",
          tt_numpy_mean(v, 1000, 0));
    CHECK(fabs(tt_numpy_mean(w, 1000, 1) - 21.097457885742188) < 1e-300, "%.17g",
          tt_numpy_mean(w, 1000, 1));
    CHECK(fabs(tt_numpy_mean(v, 7, 0) - 1.925367628755647) < 1e-300, "%.17g",
          tt_numpy_mean(v, 7, 0));
    double odd[] = {1e16, 1, -1e16, 1};
    CHECK(fabs(tt_numpy_exact_mean(odd, 4, 0) - 0.5) < 1e-300, "exact: %g",
          tt_numpy_exact_mean(odd, 4, 0));
    double falling[80];
    for (int i = 0; i < 80; i++) falling[i] = 80 - i;
    CHECK(fabs(tt_numpy_interval(falling, 80, 0) - 37.5) < 1e-12, "two off at each end");
    double one[] = {3, 3, 3, 3}, two[] = {1, 1, 1, 2};
    CHECK(fabs(tt_numpy_chance(one, two, 4, 0.2, 0) - 0.8) < 1e-12, "above their mean by 0.2");
}

int main(void) {
    test_seeds();
    test_below();
    test_sums();
    return test_done("t_pcg");
}
