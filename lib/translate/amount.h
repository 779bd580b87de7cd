/* amount.h: numbers with a sign of money or of mathematics beside them: €500, ₹2,000, 100 ₽, § 4,
 * ±3, ≈ 40.
 *
 *     TT_TRY(tt_amounts_take(&plain, vocab, arena, e));             // behind tt_holds_take
 *     tt_amount_look(&found, &plain, &hold, text, len, i, n);       // its number stands at text[i]
 * of a translation
 *
 * Sign and number become one hold. A sign that the vocabulary lacks would be read as noise: the
 * model reads a dollar for money, and nothing for others. In the translation, sign and number stand
 * together once; the currency's name, which the model may say instead of the sign or beside it,
 * gives way.
 */
#ifndef TT_TRANSLATE_AMOUNT_H
#define TT_TRANSLATE_AMOUNT_H

#include "translate/holds.h"

/* In the arena. A sign stands for a number that it touches, or from which one blank divides it:
   before the number any sign, behind it those of money. */
int tt_amounts_take(tt_plain *plain, const tt_vocab *v, tt_arena *a, tt_err *e);

/* The number of an amount, as the model read it. */
tt_span tt_amount_number(const tt_plain *p, const tt_hold *h);

typedef struct tt_money {
    size_t begin, end; /* what the amount stands for: its number, a sign, a currency's name */
    size_t from, to;   /* and a name behind a word between, to be left out: 5 millones[ de euros];
                          from == to: none */
    int signed_well;   /* 1: its own sign stands beside the number already, as the translation's
                          language has it */
} tt_money;

/* text[i … i+n-1] is its number. */
void tt_amount_look(tt_money *found, const tt_plain *p, const tt_hold *h, const char *text,
                    size_t len, size_t i, size_t n);

#endif
