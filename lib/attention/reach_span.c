/* reach_span.c: how far a head looks is learned (Sukhbaatar et al. 2019): weights in proportion to
 * m exp(e), with
 *   m(x) = min(max((R + z - x) / R, 0), 1),  x = |i - j|,  R the ramp
 * so keys with x >= z + R are not looked at. That is softmax of e + log m: dz = Σ de_ij / (m R)
 * where 0 < m < 1.
 * In training a span may cost λ z / H a query.
 *   adaptive-span  one z a head, 0 … max, at first max / 8
 *   dynamic-span   z_i = max σ(v·q_i + b) of each query, at first max / 8
 */
#include <math.h>
#include <stdlib.h>

#include "attention/parts.h"

static const tt_setting settings[] = {{"max", "longest span", 128, 1, 65536, 0, NULL},
                                      {"ramp", "width of its soft edge", 4, 0.01, 65536, 0, NULL},
                                      {0}};
enum { MOST, RAMP };
enum { V, B };

static double span_of(const tt_attend *a, const tt_tensor *t, int head, float aim) {
    const double most = a->reach.set[MOST];
    if (a->reach.row != &tt_reach_adaptive_span.r.row) return most / (1 + exp(-(double)aim));
    const double z = (double)t[0].data[head];
    return z < 0 ? 0 : z > most ? most : z;
}

static void params_adaptive(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(
        d, &t[0], &(tt_param){"z", 1, a->heads, .role = TT_SMALL, .start = a->reach.set[MOST] / 8});
}

static void params_dynamic(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(d, &t[V], &(tt_param){"v", a->heads, a->width, .role = TT_SMALL});
    tt_declare_param(d, &t[B], &(tt_param){"b", 1, a->heads, .role = TT_BIAS, .start = -log(7.0)});
}

static tt_tensor *aim(tt_run *run, const tt_attend *a, tt_tensor *t, tt_part q) {
    return tt_op_heads(run, q, a->heads, &t[V], &t[B]);
}

static void range(const tt_attend *a, const tt_tensor *t, int head, int i, int s, float aim_of,
                  int *lo, int *hi) {
    const double far = span_of(a, t, head, aim_of) + a->reach.set[RAMP];
    const int away = far > s ? s : (int)ceil(far) - 1; /* the greatest distance below it */
    *lo = i > away ? i - away : 0;
    *hi = i + away + 1 < s ? i + away + 1 : s;
}

static double tell(const tt_head *h) { return span_of(h->a, h->par->reach, h->head, h->aim); }

static double mask(const tt_head *h, int j, double z) {
    const double m = (h->a->reach.set[RAMP] + z - abs(h->query - j)) / h->a->reach.set[RAMP];
    return m > 1 ? 1 : m;
}

static void bend(const tt_head *h, float *e, int n) {
    const double z = span_of(h->a, h->par->reach, h->head, h->aim);
    for (int j = 0; j < n; j++) e[j] += (float)log(mask(h, h->first_key + j, z));
}

static void bend_back(const tt_head *h, const float *de, int n, double *daim) {
    const double z = span_of(h->a, h->par->reach, h->head, h->aim), most = h->a->reach.set[MOST];
    const bool adaptive = h->a->reach.row == &tt_reach_adaptive_span.r.row;
    double dz = 0;
    for (int j = 0; j < n; j++) {
        const double m = mask(h, h->first_key + j, z);
        if (m < 1) dz += (double)de[j] / (m * h->a->reach.set[RAMP]);
    }
    if (adaptive && h->par->reach[0].grad) h->par->reach[0].grad[h->head] += (float)dz;
    else if (!adaptive) *daim += dz * z * (1 - z / most);
}

/* λ z / H of each query. Where z has left its range it is no smaller for being further away. */
static void price(const tt_head *h, double *daim) {
    const double by = (double)h->run->span_price / h->a->heads, most = h->a->reach.set[MOST],
                 z = span_of(h->a, h->par->reach, h->head, h->aim);
    h->run->guide_loss += by * z;
    if (h->a->reach.row != &tt_reach_adaptive_span.r.row) *daim += by * z * (1 - z / most);
    else if (h->par->reach[0].grad && z > 0 && h->par->reach[0].data[h->head] < (float)most)
        h->par->reach[0].grad[h->head] += (float)by;
}

const tt_reach tt_reach_adaptive_span = {
    .r = {{"adaptive-span", "keys within a distance that each head learns",
           "Sukhbaatar et al. 2019", settings},
          TT_AT_SELF},
    .params = params_adaptive,
    .range = range,
    .tells = TT_TELL_SPAN,
    .tell = tell,
    .bend = bend,
    .bend_back = bend_back,
    .price = price};
const tt_reach tt_reach_dynamic_span = {
    .r = {{"dynamic-span", "keys within a distance that each query says", "Sukhbaatar et al. 2019",
           settings},
          TT_AT_SELF},
    .params = params_dynamic,
    .aim = aim,
    .range = range,
    .tells = TT_TELL_SPAN,
    .tell = tell,
    .bend = bend,
    .bend_back = bend_back,
    .price = price};
