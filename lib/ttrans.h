/* ttrans.h: the library's public header: a page that includes its parts, in reading order.
 *
 *     tt_err e;
 *     if (tt_something(..., &e)) fprintf(stderr, "%s\n", e.msg);
 *
 * A function that can fail takes a `tt_err *` last, returns 0 or a negative code of TT_ERRORS, and
 * on failure leaves code and message there. `e` is never NULL. Strings are UTF-8. Nothing here
 * prints, exits or keeps global state. Who owns what is said at each declaration; what `open`
 * gives, `close` takes back, and closing NULL is allowed.
 */
#ifndef TTRANS_H
#define TTRANS_H

#define TT_VERSION "0.1.0"

#include "ttrans/cleaning.h"    /* parallel text cleaned */
#include "ttrans/error.h"       /* errors, log, processor */
#include "ttrans/family.h"      /* what can be chosen */
#include "ttrans/text.h"        /* lines of text, vocabularies */
#include "ttrans/ttm.h"         /* model files, import and export */
#include "ttrans/translation.h" /* translating lines, files and documents */
#include "ttrans/report.h"      /* what training tells */
#include "ttrans/shortlists.h"  /* lexical shortlists */
#include "ttrans/training.h"    /* training */
#include "ttrans/plan.h"        /* its rates and vectors, to be drawn */
#include "ttrans/scoring.h"     /* BLEU, chrF, TER */
#include "ttrans/evidence.h"    /* differences of scores, and what scores hide */
#include "ttrans/attention.h"   /* attention maps */
#include "ttrans/pruning.h"     /* models without some heads */
#include "ttrans/aligning.h"    /* word alignment */
#include "ttrans/measure.h"     /* figures of a machine */

#endif
