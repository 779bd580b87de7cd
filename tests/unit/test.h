/* test.h: the smallest test frame. A test program is a main that calls CHECK and ends with
 * `return test_done("t_arena");`. Each CHECK is counted; a failed one prints where and why and the run goes on.
 * The last line is «NAME: N passed, N failed», which tests/run adds up.
 */
#ifndef TT_TEST_H
#define TT_TEST_H

#include <stdio.h>

static int test_passed, test_failed;

#define CHECK(cond, ...)                                                                           \
    do {                                                                                           \
        if (cond) {                                                                                \
            test_passed++;                                                                         \
        } else {                                                                                   \
            test_failed++;                                                                         \
            printf("FAIL %s:%d: %s: ", __FILE__, __LINE__, #cond);                                 \
            printf("" __VA_ARGS__);                                                                \
            printf("\n");                                                                          \
        }                                                                                          \
    } while (0)

static inline int test_done(const char *name) {
    printf("%s: %d passed, %d failed\n", name, test_passed, test_failed);
    return test_failed ? 1 : 0;
}

#endif
