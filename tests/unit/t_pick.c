/* t_pick.c: choices among the rows of a family, read and written, with settings of each kind; every
   refusal. */
#include "base/pick.h"
#include "base/err.h"
#include "unit/test.h"

#include <string.h>

static const tt_setting sparse[] = {{"alpha", "how sparse", 1.5, 1, 4, 0, NULL},
                                    {"steps", "of bisection", 50, 1, 100, 1, NULL},
                                    {"exact", "by sorting", 1, 0, 1, 0, "no|yes"},
                                    {NULL, NULL, 0, 0, 0, 0, NULL}};
static const struct row {
    tt_row row;
    int own;
} rows[] = {{{"tag", "a word", NULL,
              (const tt_setting[]){{"share", "s", 1, 0, 1, 0, NULL},
                                   {"text", "the word", 0, 0, 0, TT_SETTING_TEXT, "<t>"},
                                   {NULL, NULL, 0, 0, 0, 0, NULL}}},
             4},
            {{"softmax", "all", NULL, NULL}, 1},
            {{"entmax", "few", "Peters et al. 2019", sparse}, 2},
            {{"sparse", "fewer", NULL, NULL}, 3}};
TT_FAMILY_ROWS(rows)
static const tt_family family = {"distribution", "weights of scores", row_at};

static void same(const char *text, const char *written) {
    tt_pick p;
    tt_err e = {0};
    char back[TT_PICK_TEXT];
    CHECK(!tt_pick_read(&p, &family, text, &e), "%s: %s", text, e.msg);
    tt_pick_write(&p, back);
    CHECK(!strcmp(back, written), "%s became %s", text, back);
}

static void refused(const char *text, const char *part) {
    tt_pick p;
    tt_err e = {0};
    CHECK(tt_pick_read(&p, &family, text, &e) == TT_EUSAGE && strstr(e.msg, part), "%s: %s", text,
          e.msg);
}

int main(void) {
    tt_pick p;
    tt_err e = {0};
    char names[40];
    CHECK(!tt_pick_read(&p, &family, "entmax:alpha=1.3,exact=no", &e) &&
              ((const struct row *)p.row)->own == 2,
          "%s", e.msg);
    CHECK(p.set[0] == 1.3 && p.set[1] == 50 && p.set[2] == 0);
    same("softmax", "softmax");
    same("tag:text=<t>,share=1", "tag");
    same("tag:share=0.5,text=2es=x", "tag:share=0.5,text=2es=x");
    same("tag:text=", "tag:text=");
    CHECK(!tt_pick_read(&p, &family, "tag", &e) && !strcmp(p.text, "<t>"), "%s", p.text);
    char endless[200] = "tag:text=";
    memset(endless + 9, 'x', 150);
    refused(endless, "text has 150 bytes, the most is 127");
    same("entmax", "entmax");
    same("entmax:alpha=1.5,steps=50,exact=yes", "entmax");
    same("entmax:exact=no,alpha=1.30", "entmax:alpha=1.3,exact=no");
    same("entmax:steps=1e2,alpha=1.0000000000000002", "entmax:alpha=1.0000000000000002,steps=100");
    refused("", "no distribution is called ''; there are tag, softmax, entmax, sparse");
    refused("soft", "no distribution is called 'soft'");
    refused("softmax:alpha=1", "softmax has no settings");
    refused("softmax:", "softmax has no settings");
    refused("entmax:", "entmax has no setting ''; it has alpha, steps, exact");
    refused("entmax:beta=1", "no setting 'beta'");
    refused("entmax:alpha", "alpha needs a value");
    refused("entmax:alpha=", "alpha is '', not a number from 1 to 4");
    refused("entmax:alpha=0.5", "not a number from 1 to 4");
    refused("entmax:alpha=nan", "not a number");
    refused("entmax:alpha=2x", "not a number");
    refused("entmax:alpha= 2", "not a number");
    refused("entmax:steps=1.5", "not a whole number from 1 to 100");
    refused("entmax:exact=maybe", "not one of no|yes");
    refused("entmax:alpha=2,alpha=2", "given twice");
    refused("entmax:alpha=2,", "no setting ''");
    CHECK(tt_family_place(&family, "entmax:", 6) == 2 &&
          tt_family_place(&family, "entmax:", 7) == -1);
    tt_family_names(&family, names, sizeof names);
    CHECK(!strcmp(names, "tag, softmax, entmax, sparse"), "%s", names);
    tt_family_names(&family, names, 12);
    CHECK(strlen(names) < 12, "%s", names);
    return test_done("t_pick");
}
