/* t_stages.c: a file of stages as it is read, OpusTrainer's layout with it, and every error with
   its line. */
#include "train/stages.h"
#include "unit/test.h"
#include "unit/tiny.h"

static const char *path_of(const char *text) { return tiny_file("stages.yml", text, strlen(text)); }

static void refused(const char *text, const char *said) {
    tt_err e = {0};
    tt_stages *s = tt_stages_open(path_of(text), &e);
    CHECK(!s && e.code == TT_ECONFIG && strstr(e.msg, said), "%s", s ? text : e.msg);
    tt_stages_close(s);
}

static void reads_beside(void) {
    tt_err e = {0};
    tt_stages *s = tt_stages_open(
        path_of(
            "datasets:\n  a: a.tsv\n  b: b.tsv\nguided-alignment:\n  b: b.links # of fast_align\n"
            "data-weighting:\n  \"a\": '/w/a b'\n  b: b.w\nstages:\n  - s\ns:\n  - a 1\n"),
        &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    const char *links = s->beside[TT_BESIDE_LINKS][1], *w = s->beside[TT_BESIDE_WEIGHTS][1];
    CHECK(links && strstr(links, "/b.links") && w && strstr(w, "/b.w"));
    CHECK(!s->beside[TT_BESIDE_LINKS][0] && !strcmp(s->beside[TT_BESIDE_WEIGHTS][0], "/w/a b"));
    CHECK(tt_stages_have(s, TT_BESIDE_LINKS) && tt_stages_have(s, TT_BESIDE_WEIGHTS));
    tt_stages_close(s);
    s = tt_stages_open(path_of("datasets:\n  a: a.tsv\nstages:\n  - s\ns:\n  - a 1\n"), &e);
    CHECK(s && !tt_stages_have(s, TT_BESIDE_LINKS) && !tt_stages_have(s, TT_BESIDE_WEIGHTS));
    tt_stages_close(s);
}

#define TEXTS "datasets:\n  a: a.tsv\n  b: b.en b.es\n"

static void reads(void) {
    static const char text[] =
        "# what it is for\r\n" TEXTS "  \"c\": '/data/c d.gz'\n\n"
        "stages:\n- one\n- two # the second\n"
        "one:\n  - a 0.8\n  - b 0.2\n  - c 0\n  - until a 2\n  - until 10Mt\n  - until 1.5e\n  - "
        "until 90m\n"
        "  - until stall 3\n"
        "two:\n  mix:\n    - b 1\n    - until b inf\n    - lr 0.25\n    - restart\n"
        "  modifiers:\n    - UpperCase: 0.05\n    - tag:text=<x>\n"
        "modifiers:\n- Merge: 0.1\n- typos:share=0.1,words=0.2\n"
        "seed: 1111\nnum_fields: 2\ntrainer:\n  - marian\n  - --any\n";
    tt_err e = {0};
    tt_stages *s = tt_stages_open(path_of(text), &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    const char *folder = strrchr(s->source[0].src, '/');
    CHECK(s->texts == 3 && folder && !strcmp(folder, "/a.tsv") && !s->source[0].tgt, "%s",
          s->source[0].src);
    CHECK(s->source[1].tgt && strstr(s->source[1].tgt, "/b.es") &&
              !strcmp(s->source[2].src, "/data/c d.gz"),
          "%s", s->source[2].src);
    CHECK(s->stages == 2 && !strcmp(s->stage[0].name, "one") && !strcmp(s->stage[1].name, "two"),
          "%d", s->stages);
    const tt_stage *one = &s->stage[0], *two = &s->stage[1];
    CHECK(one->share[0] == 0.8 && one->share[1] == 0.2 && one->share[2] == 0 && one->rate == 1 &&
          !one->restart && !one->modifiers);
    static const tt_until want[] = {
        {2, 'p', 0}, {10e6, 't', -1}, {1.5, 'e', -1}, {5400, 's', -1}, {3, 'v', -1}};
    CHECK(one->rules == 5, "%d", one->rules);
    for (int i = 0; i < 5; i++)
        CHECK(one->until[i].n == want[i].n && one->until[i].unit == want[i].unit &&
                  (want[i].unit != 'p' || one->until[i].text == 0),
              "rule %d", i);
    CHECK(!two->rules && two->rate == 0.25 && two->restart && two->share[1] == 1, "the second");
    CHECK(two->modifiers && !strcmp(two->modifiers, "upper:share=0.05,tag:text=<x>"), "%s",
          two->modifiers);
    CHECK(!strcmp(s->modifiers, "join:share=0.1,typos:share=0.1,words=0.2"), "%s", s->modifiers);
    CHECK(!strstr(s->content, "what it is for") && !strstr(s->content, "\n\n") &&
              strstr(s->content, "- two\none:"),
          "%s", s->content);
    tt_stages_close(s);
}

int main(void) {
    reads();
    reads_beside();
    refused("", "no datasets");
    refused(TEXTS, "no stages");
    refused(TEXTS "stages:\n  - one\n", "stages.yml:5: nothing is told of the stage 'one'");
    refused(TEXTS "stages:\n  - one\none:\n  - a 0\n",
            "stages.yml:6: no text has a share in 'one'");
    refused(TEXTS "stages:\n  - one\n  - two\none:\n  - a 1\ntwo:\n  - b 1\n",
            "stages.yml:7: a stage before the last one has no end (until): 'one'");
    refused(TEXTS "one:\n  - c 1\n", "stages.yml:5: no text is called 'c'");
    refused(TEXTS "one:\n  - a\n", ":5: a share is missing behind 'a'");
    refused(TEXTS "one:\n  - a -1\n", ":5: a share is missing");
    refused(TEXTS "one:\n  - a 1 2\n", ":5: too much: '2'");
    refused(TEXTS "one:\n  - a 1\n  - a 1\n", ":6: a second share of 'a'");
    refused(TEXTS "one:\n  - until c 2\n", ":5: no text is called 'c'");
    refused(TEXTS "one:\n  - until a x\n", ":5: until TEXT wants how often, not 'x'");
    refused(TEXTS "one:\n  - until 5x\n",
            ":5: until wants TEXT N, stall N, or a count such as 500u, 10Mt, 2e or 30m, not '5x'");
    refused(TEXTS "one:\n  - until 0u\n", ":5: until wants");
    refused(TEXTS "one:\n  - until stall 0\n", ":5: until stall wants");
    refused(TEXTS "one:\n  - until\n", ":5: nothing behind until");
    refused(TEXTS "one:\n  - lr 0\n", ":5: lr wants a number above 0");
    refused(TEXTS "one:\n  - restart 1\n", ":5: nothing may follow 'restart'");
    refused(TEXTS "stages:\n  - one\none:\n  - a 1\n  - until b 1\n",
            ":6: the stage waits for a text that has no share: 'one'");
    refused(TEXTS "one:\n  modifiers:\n    - loud: 0.1\n", ":6: no modifier is called 'loud'");
    refused(TEXTS "modifiers:\n  - upper 0.1\n",
            ":5: a modifier is NAME:share=X or NAME: X, not 'upper 0.1'");
    refused(TEXTS "modifiers:\n  - Typos: 0.1\n    char_swap: 0.1\n",
            ":6: settings stand behind the modifier");
    refused(TEXTS "one:\none:\n", ":5: a second stage is called 'one'");
    refused(TEXTS "  a: x\n", ":4: a second text is called 'a'");
    refused(TEXTS "  d: x y z\n", ":4: more than two files for 'd'");
    refused(TEXTS "  d:\n", ":4: no file behind 'd'");
    refused(TEXTS "  until: x\n", ":4: no text can be called 'until'");
    refused(TEXTS "guided-alignment:\n  c: x\n", ":5: no text is called 'c'");
    refused(TEXTS "guided-alignment:\n  a: x\n  a: y\n", ":6: a second file for 'a'");
    refused(TEXTS "data-weighting:\n  a:\n", ":5: no file behind 'a'");
    refused(TEXTS "data-weighting:\n  a: x y\n", ":5: more than one file for 'a'");
    refused(TEXTS "data-weighting:\n  - a x\n", ":5: an item outside a stage: 'a x'");
    refused(TEXTS "one: two\n", ":4: nothing may stand behind 'one:'");
    refused(TEXTS "one\n", ":4: no colon in 'one'");
    refused(TEXTS "\tone:\n", ":4: a TAB");
    refused("- a 1\n", ":1: an item outside a stage");
    return test_done("t_stages");
}
