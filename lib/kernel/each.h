/* each.h: walking a row in vectors of 16. EACH runs its statements for i = 0, 16, 32, … below n with
 * `left` = 16, a constant, and once more for what is left over; get, put and keep, called with `left`,
 * then touch no more than that many numbers. Include after a lanes_*.h.
 */
#ifndef TT_KERNEL_EACH_H
#define TT_KERNEL_EACH_H

#define EACH(i, n, ...)                                                                            \
    do {                                                                                           \
        size_t i = 0;                                                                              \
        for (; i + 16 <= (n); i += 16) {                                                           \
            const size_t left = 16;                                                                \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        if (i < (n)) {                                                                             \
            const size_t left = (n)-i;                                                             \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
    } while (0)

ALWAYS vec get(const float *p, size_t left) {
    return left == 16 ? v_load(p) : v_load_n(p, left);
}

ALWAYS void put(float *p, vec a, size_t left) {
    if (left == 16) {
        v_store(p, a);
    } else {
        v_store_n(p, a, left);
    }
}

/* The new value of a running lane-wise result: lanes behind the end keep the old one. */
ALWAYS vec keep(vec old, vec fresh, size_t left) {
    return left == 16 ? fresh : v_sel(v_first(left), fresh, old);
}

#endif
