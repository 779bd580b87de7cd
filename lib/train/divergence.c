/* divergence.c: see divergence.h. An update with an enormous loss is taken for one of four times
 * log V, so that one strange batch does not stand for many.
 */
#include "train/divergence.h"

#include <math.h>

static const double share = 1.0 / 20; /* of an update in the mean */

void tt_divergence_add(tt_divergence *d, double loss, double untrained) {
    loss = fmin(loss, 4 * untrained);
    d->mean = d->mean > 0 ? d->mean + share * (loss - d->mean) : loss;
    if (!(d->least > 0) || d->mean < d->least) d->least = d->mean;
    /* A loss that begins above log V, or stays near it, has no half to lose. */
    double rise = fmax(1.0, (untrained - d->least) / 2);
    if (d->mean <= d->least + rise) d->high = 0;
    else d->high += d->mean > 2 * untrained ? 10 : 1;
}
