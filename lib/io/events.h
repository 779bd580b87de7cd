/* events.h: event files, as TensorBoard reads them: numbers and histograms by step.
 *
 *     tt_events *v = tt_events_open("runs/first", wall, &e);         // a new file in that folder
 *     tt_events_number(v, wall, 100, "train/loss", 3.25);
 *     rc = tt_events_close(v, &e);
 *
 * A file is a row of records, each an Event of TensorFlow's event.proto in the frame of its
 * TFRecord:
 *     u64 length, u32 masked CRC-32C of the length, the bytes, u32 masked CRC-32C of the bytes
 * little-endian, the mask being rotr(crc, 15) + 0xa282ead8. A record is written at once.
 */
#ifndef TT_IO_EVENTS_H
#define TT_IO_EVENTS_H

#include "base/err.h"

typedef struct tt_events tt_events;

/* Makes the folder if it is not there, and in it a file named by the time, wall (seconds since
   1970). NULL on failure: TT_ECREATE, TT_ENOMEM. */
tt_events *tt_events_open(const char *folder, double wall, tt_err *e);

/* The first failure stays until close. */
void tt_events_number(tt_events *v, double wall, int64_t step, const char *tag, double x);

/* counts (n) of numbers from limit[i-1] to limit[i], rising; the first from 0. */
void tt_events_histogram(tt_events *v, double wall, int64_t step, const char *tag,
                         const double *limit, const double *count, int n);

int tt_events_close(tt_events *v, tt_err *e); /* v is gone whatever the result; NULL is allowed */

/* CRC-32C (Castagnoli) of the bytes. */
uint32_t tt_crc32c(const void *data, size_t n);

#endif
