/* dashaus.h: three small pairs whose probabilities can be worked out by hand. */
#ifndef TT_UNIT_DASHAUS_H
#define TT_UNIT_DASHAUS_H

#include <math.h>

#include "lexical/lexprob.h"

#define MARK "\xe2\x96\x81"

static const char *const words[] = {MARK "das", MARK "haus",  MARK "buch", MARK "ein",
                                    MARK "the", MARK "house", MARK "book", MARK "a"};
enum { DAS = 2, HAUS, BUCH, EIN, THE, HOUSE, BOOK, A, SIZE };

static const char text[] = "das haus\tthe house\ndas buch\tthe book\nein buch\ta book\n";

static double probability(const tt_lexprob *p, int s, int t) {
    for (int i = 0; i < p->row[s].count; i++)
        if (p->row[s].ids[i] == t) return (double)p->row[s].p[i];
    return 0;
}

static int near(double x, double y) { return fabs(x - y) < 1e-5; }

#endif
