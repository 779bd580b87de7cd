/* prose.c: the text that a benchmark translates. Sentences of 3 to 53 words, as texts have them:
 * speed depends on lengths and on little else, so a few dozen stand for any number.
 */
#include <stdbool.h>
#include <string.h>

#include "bench/bench.h"
#include "io/lines.h"

enum { PROSE_BYTES = 1 << 20 };

static const char *const BUILT_IN[] = {
    "Where is the station?",
    "I do not know yet.",
    "The meeting begins at nine o'clock tomorrow morning.",
    "She opened the window because the room had become far too warm.",
    "Nobody in the village could remember when the old bridge over the river had been built.",
    "Please send us the signed form, a copy of your passport and two photographs before the end of "
    "the month.",
    "Prices have risen by four per cent since last year, and most people expect them to rise "
    "further during the winter.",
    "After a long walk through the forest they came to a small house, in front of which an old man "
    "was sitting on a bench "
    "and reading the newspaper.",
    "The committee will examine all proposals that arrive before the first of March, decide which "
    "of them can be "
    "carried out with the money that is available, and publish its reasons together with the names "
    "of the members who "
    "took part in the vote.",
    "Thank you very much!",
    "My brother has worked in this hospital for eleven years.",
    "When the rain stopped, the children ran into the garden to look for snails under the wet "
    "leaves.",
    "It is not enough to repeat what everyone has said before: whoever wants to change the rules "
    "must show that the new ones "
    "would have led to a better result in the cases that we know.",
    "The train was late again.",
    "According to the report, more than two thirds of the houses in the region still lack a "
    "reliable supply of water.",
    "He wrote three letters and burned two of them.",
    "The new law obliges manufacturers to tell their customers how much energy a machine consumes, "
    "how long it is expected "
    "to last, and for how many years its spare parts can be bought.",
    "You can leave your bags here and collect them in the evening.",
    "Scientists have found that the birds remember not only the places where they hid their food, "
    "but also how long ago "
    "they did it.",
    "What would you have done?",
    "The museum is closed on Mondays.",
    "A thick fog lay over the harbour, and the ships, whose captains did not dare to leave, "
    "sounded their horns one after "
    "another until late at night.",
    "We should speak about this with the teacher, since she knows the families better than we do.",
    "In the spring of that year he sold the farm, bought a little shop near the market, and began "
    "to learn, at the age of "
    "almost sixty, a language that no one else in the town could speak.",
};

static int blank(char c) { return (unsigned char)c <= ' '; }

static bool add_line(tt_prose *p, size_t cap, const char *text, size_t len) {
    size_t words = 0;
    for (size_t i = 0; i < len; i++) words += !blank(text[i]) && (i == 0 || blank(text[i - 1]));
    if (!words || p->count == cap) return p->count < cap;
    p->lines[p->count++] = (tt_span){text, len};
    p->words += words;
    return true;
}

static int read_lines(tt_prose *p, size_t cap, tt_lines *in, tt_arena *a, tt_err *e) {
    const char *line;
    size_t len, bytes = 0;
    int rc;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0 && bytes < PROSE_BYTES) {
        char *copy = tt_arena_text(a, line, len);
        if (!copy)
            return tt_fail(e, TT_ENOMEM, "%s: out of memory for its text", tt_lines_name(in));
        bytes += len + 1;
        if (!add_line(p, cap, copy, len)) break;
    }
    if (rc < 0) return rc;
    return p->count ? 0
                    : tt_fail(e, TT_EDATA, "%s: no line has a word: expected text to translate",
                              tt_lines_name(in));
}

int tt_prose_open(tt_prose *p, const char *path, tt_arena *a, tt_err *e) {
    const size_t built_in = sizeof BUILT_IN / sizeof *BUILT_IN,
                 cap = path ? PROSE_BYTES / 16 : built_in;
    *p = (tt_prose){.lines = tt_arena_alloc(a, cap * sizeof *p->lines)};
    if (!p->lines) return tt_fail(e, TT_ENOMEM, "out of memory for the text");
    if (!path) {
        for (size_t i = 0; i < built_in; i++) add_line(p, cap, BUILT_IN[i], strlen(BUILT_IN[i]));
        return 0;
    }
    tt_lines *in = tt_lines_open(path, 0, e);
    if (!in) return e->code;
    int rc = read_lines(p, cap, in, a, e);
    tt_lines_close(in);
    return rc;
}

char *tt_prose_line(const tt_prose *p, int words, size_t which, tt_arena *a) {
    size_t line = which % p->count, at = 0, used = 0, cap = 0;
    for (int pass = 0; pass < 2; pass++) {
        char *to = pass ? tt_arena_alloc(a, cap + 1) : NULL;
        if (pass && !to) return NULL;
        line = which % p->count, at = used = 0;
        for (int w = 0; w < words;) {
            const tt_span *s = &p->lines[line];
            while (at < s->len && blank(s->text[at])) at++;
            if (at == s->len) {
                line = (line + 1) % p->count;
                at = 0;
                continue;
            }
            size_t end = at;
            while (end < s->len && !blank(s->text[end])) end++;
            if (w && to) to[used] = ' ';
            used += w > 0;
            if (to) memcpy(to + used, s->text + at, end - at);
            used += end - at;
            at = end;
            w++;
        }
        cap = used;
        if (pass) {
            to[used] = '\0';
            return to;
        }
    }
    return NULL;
}
