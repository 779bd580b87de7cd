/* warmup.c: the shapes of warm-up. n counts updates from 1 (or tokens, or epochs), τ is the time it
 * takes.
 *   linear                 min(1, n/τ)
 *   exponential            1 - exp(-n/τ)
 *   untuned-linear         linear with τ = 2/(1-β2)          (Ma and Yarats 2021)
 *   untuned-exponential    exponential with τ = 1/(1-β2)     (the same)
 */
#include "train/warmup.h"

#include <math.h>

static double linear(double n, double tau) { return fmin(1.0, n / tau); }

static double exponential(double n, double tau) { return -expm1(-n / tau); }

static double none(double n, double tau) {
    (void)n, (void)tau;
    return 1.0;
}

static const tt_warmup rows[] = {
    {{"linear", "rises in a straight line", NULL, NULL}, 0, true, linear},
    {{"exponential", "rises fast at first; 63 % of the way after --warmup", "Ma and Yarats 2021",
      NULL},
     0,
     true,
     exponential},
    {{"untuned-linear", "in a straight line within 2/(1-β2) updates", "Ma and Yarats 2021", NULL},
     2,
     true,
     linear},
    {{"untuned-exponential", "exponential with 1/(1-β2) updates", "Ma and Yarats 2021", NULL},
     1,
     true,
     exponential},
    {{"none", "begins at the peak", NULL, NULL}, 0, false, none},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_warmup = {"warmup", "how the learning rate rises to its peak", row_at};
