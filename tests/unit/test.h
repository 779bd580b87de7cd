/* test.h: the smallest test frame. A test program is a main that calls CHECK and ends with `return
 * test_done("t_arena");`. Each CHECK is counted; a failed one prints where and why and the run goes
 * on. The last line is «NAME: N passed, N failed», which tests/run adds up.
 */
#ifndef TT_TEST_H
#define TT_TEST_H

#include <stdarg.h>
#include <stdio.h>

static int test_passed, test_failed;

/* CHECK(condition) or CHECK(condition, "format", arguments...); the arguments are looked at only on
   failure. */
#define CHECK(...)                                                                                 \
    do {                                                                                           \
        if (CHECK_COND_(__VA_ARGS__, 0)) {                                                         \
            test_passed++;                                                                         \
        } else {                                                                                   \
            test_failed++;                                                                         \
            printf("FAIL %s:%d: %s: ", __FILE__, __LINE__, #__VA_ARGS__);                          \
            test_say(CHECK_SAY_(__VA_ARGS__, "", 0));                                              \
        }                                                                                          \
    } while (0)
#define CHECK_COND_(cond, ...) (cond)
#define CHECK_SAY_(cond, ...) __VA_ARGS__

static inline void test_say(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
}

static inline int test_done(const char *name) {
    printf("%s: %d passed, %d failed\n", name, test_passed, test_failed);
    return test_failed ? 1 : 0;
}

#endif
