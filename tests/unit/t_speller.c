/* t_speller.c: what a word is a slip for, and which lists are refused. */
#include "text/speller.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

static const char list[] =
    "government\t900\nthe\t90000\nthen\t2000\nhen\t40\nreceive\t300\nletter\t400\n"
    "latter\t350\nhubbub\t3\ncorazón\t180\nniño\t200\nnino\t120\nhouse\t1000\n"
    "horse\t150\nrare\t9\nseldom\t90\nlonely\t70\n";

static tt_speller *open_list(const char *text, size_t len, tt_err *e) {
    char *bytes = malloc(len + 1);
    if (len) memcpy(bytes, text, len);
    return tt_speller_open(bytes, len, "words", e);
}

static void mends(const tt_speller *s, const char *word, const char *want) {
    char out[TT_SPELLER_WORD + 1];
    const size_t n = tt_speller_mend(s, word, strlen(word), false, out);
    out[n] = 0;
    CHECK(!strcmp(out, want), "%s: '%s', not '%s'", word, out, want);
}

static void refused(const char *text, size_t len, const char *why) {
    tt_err e = {0};
    tt_speller *s = open_list(text, len, &e);
    CHECK(!s && e.code == TT_EFORMAT && strstr(e.msg, why), "%s", e.msg);
    tt_speller_close(s);
}

int main(void) {
    char out[TT_SPELLER_WORD];
    tt_err e = {0};
    tt_speller *s = open_list(list, sizeof list - 1, &e);
    CHECK(s, "%s", e.msg);
    CHECK(tt_speller_knows(s, "house", 5) && tt_speller_knows(s, "hubbub", 6));
    CHECK(!tt_speller_knows(s, "hous", 4) && !tt_speller_knows(s, "", 0));
    CHECK(tt_speller_knows(s, "lonely", 6), "the last line");
    mends(s, "gvoernment", "government");  /* changed places */
    mends(s, "goverment", "government");   /* one missing */
    mends(s, "governmment", "government"); /* one too many */
    mends(s, "govermnent", "government");  /* changed places, too */
    mends(s, "governnent", "government");  /* another one */
    mends(s, "recieve", "receive");
    mends(s, "teh", "the"); /* short: changed places alone */
    mends(s, "tje", "");
    mends(s, "th", "");
    mends(s, "lxtter", ""); /* letter or latter? */
    mends(s, "hoause", "house");
    mends(s, "corazon", "corazón");
    mends(s,
          "coraz\xc3\xb3"
          "nn",
          "corazón");
    mends(s, "rrae", ""); /* seen too seldom */
    mends(s, "seldomm", "");
    mends(s, "sedlom", "seldom"); /* but often enough for letters that changed places */
    mends(s, "h\xc3\xb6use", ""); /* a letter of another language */
    CHECK(!tt_speller_mend(s, "goverment", 9, true, out) &&
          tt_speller_mend(s, "gvoernment", 10, true, out) == 10);
    mends(s, "hubub", "");
    mends(s, "goevrnmnet", ""); /* two slips */
    mends(s, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "");
    tt_speller_close(s);

    s = open_list("", 0, &e); /* no word */
    CHECK(s && !tt_speller_knows(s, "a", 1));
    mends(s, "house", "");
    tt_speller_close(s);
    s = open_list("house\t20", 8, &e); /* no line end behind the last */
    mends(s, "huose", "house");
    tt_speller_close(s);

    refused("house\t20\nHouse\t3\n", 17, ":2:");
    refused("house\t20\nhouse\t3\n", 17, "twice");
    refused("house 20\n", 9, ":1:");
    refused("house\t\n", 7, ":1:");
    refused("house\t0\n", 8, ":1:");
    refused("house\t1e300\n", 12, ":1:");
    refused("house\tnan\n", 10, ":1:");
    refused("house\t3 \n", 9, ":1:");
    refused("hou\0se\t3\n", 9, ":1:");
    refused("hou\xffse\t3\n", 9, ":1:");
    refused("\t3\n", 3, ":1:");
    refused("\n", 1, ":1:");
    tt_speller_close(NULL);
    return test_done("t_speller");
}
