/* t_aligntables.c: tables that were written are read as the same, and what is wrong in them is
 * refused with its line.
 */
#include "unit/test.h"
#include "unit/tiny.h"

#include "lexical/aligner.h"

static char head[1200]; /* three good lines */

static void make_head(void) {
    size_t n = (size_t)snprintf(head, sizeof head, "ttrans aligner 1\tdiagonal\n");
    for (int d = 0; d < 2; d++) {
        n += (size_t)snprintf(head + n, sizeof head - n, "%s\t0.08\t%d.5", d ? "back" : "forth",
                              3 + d);
        for (int k = 0; k < TT_JUMPS; k++)
            n += (size_t)snprintf(head + n, sizeof head - n, "\t%g", 0.25 + k);
        n += (size_t)snprintf(head + n, sizeof head - n, "\n");
    }
}

static tt_wordmodel *read_text(const char *rest, tt_wordids *words[2], tt_err *e) {
    char text[2000];
    snprintf(text, sizeof text, "%s%s", head, rest);
    for (int side = 0; side < 2; side++) words[side] = tt_wordids_open(e);
    return tt_wordmodel_read(tiny_file("t.tables", text, strlen(text)), words, e);
}

static void close_words(tt_wordids *words[2]) {
    for (int side = 0; side < 2; side++) tt_wordids_close(words[side]);
}

static void reads(void) {
    tt_wordids *words[2], *again[2];
    tt_err e = {0};
    char path[400];
    tt_wordmodel *m = read_text("casa\thouse\t0.75\t0.5\n\tthe\t0.25\t0\ncasa\t\t0\t0."
                                "125\nuna\ta\t1\t1\ncasa\thome\t0.125\t1e-3\n",
                                words, &e);
    CHECK(m, "%s", e.msg);
    if (!m) return;
    const int casa = tt_wordids_find(words[0], "casa", 4),
              house = tt_wordids_find(words[1], "house", 5),
              the = tt_wordids_find(words[1], "the", 3);
    const tt_pair_cell *c = tt_pairtable_find(&m->table, casa, house);
    CHECK(!strcmp(m->model->row.name, "diagonal") && m->prior[1].tension > 4.4 &&
          m->prior[0].jump[60] > 60);
    CHECK(c && c->p[0] > 0.74f && c->p[1] < 0.51f && m->table.null_p[0][the] > 0.24f &&
          m->table.null_p[1][casa] > 0.12f);
    CHECK(m->table.cells == 3 && !tt_pairtable_find(&m->table, casa, the));

    snprintf(path, sizeof path, "%s", tiny_path("again.tables"));
    CHECK(!tt_wordmodel_write(m, words, path, &e), "%s", e.msg);
    for (int side = 0; side < 2; side++) again[side] = tt_wordids_open(&e);
    tt_wordmodel *n = tt_wordmodel_read(path, again, &e);
    CHECK(n, "%s", e.msg);
    c = n ? tt_pairtable_find(&n->table, tt_wordids_find(again[0], "casa", 4),
                              tt_wordids_find(again[1], "home", 4))
          : NULL;
    CHECK(c && c->p[0] > 0.124f && c->p[1] < 0.00101f && n->table.cells == 3 &&
          !memcmp(n->prior, m->prior, sizeof m->prior));
    tt_wordmodel_close(m);
    tt_wordmodel_close(n);
    close_words(words);
    close_words(again);
}

static void refuses(const char *rest, const char *said) {
    tt_wordids *words[2];
    tt_err e = {0};
    CHECK(!read_text(rest, words, &e) && e.code == TT_EFORMAT && strstr(e.msg, said), "%d %s",
          e.code, e.msg);
    close_words(words);
}

int main(void) {
    make_head();
    reads();
    refuses("casa\thouse\t0.5\n",
            "t.tables:4: expected a source word, a target word, and two probabilities");
    refuses("casa\thouse\t0.5\t1.5\n", "t.tables:4: expected a source word");
    refuses("casa\thouse\t0.5\t-1\n", "t.tables:4: expected a source word");
    refuses("casa\thouse\t0.5\tnan\n", "t.tables:4: expected a source word");
    refuses("casa\thouse\t0.5\t1\t1\n", "t.tables:4: expected a source word");
    refuses("\t\t0.5\t1\n", "t.tables:4: expected a source word");
    refuses("a\tb\t1\t1\nc\td\t1\t1\na\tb\t1\t1\n", "twice");
    head[strlen(head) - 2] = 0;
    refuses("x\n", "t.tables:3: expected `back` and 63 numbers");
    head[0] = 'T';
    refuses("\n", "t.tables:1: expected tables of an aligner");
    return test_done("t_aligntables");
}
