/* divergence.h: has training gone wrong for good, though every number is finite?
 *
 *     tt_divergence d = {0};
 *     tt_divergence_add(&d, loss, log(V));            // after every update
 *     if (limit && d.high >= limit) …                 // give up
 *
 * The loss of an update is compared with two marks: its own least value, and the loss of a model
 * that knows nothing and gives each of V tokens the same probability, log V. All are means over
 * some twenty updates.
 *
 *     log V ·················· untrained
 *           ______________/·   halfway back: from here on updates count as high
 *     least ______/
 *
 * One that has gone halfway back has lost what it had learned; one that is twice as high as log V
 * explodes, and each of its updates counts for ten.
 */
#ifndef TT_TRAIN_DIVERGENCE_H
#define TT_TRAIN_DIVERGENCE_H

typedef struct tt_divergence {
    double mean;  /* of the loss; 0: no update yet */
    double least; /* mean so far */
    long high;    /* updates in a row with a mean far above the least */
} tt_divergence;

/* `loss` and `untrained` in nats a token. */
void tt_divergence_add(tt_divergence *d, double loss, double untrained);

#endif
