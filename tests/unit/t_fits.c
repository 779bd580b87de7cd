/* t_fits.c: a program's format refuses, by name, every setting that it cannot say. The settings are
 * walked, so one that is added to hyper.def is tested without a line here.
 */
#include "port/port.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

static tt_hyper plain(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_hyper_init(&h);
    CHECK(!tt_hyper_finish(&h, 100, &e), "%s", e.msg);
    return h;
}

static int named(const tt_port_row *table, const char *setting) {
    for (; table->setting; table++)
        if (!strcmp(table->setting, setting)) return 1;
    return 0;
}

static int refused(const tt_port_row *table, const tt_hyper *h, const char *name) {
    tt_err e = {0};
    char word[80];
    snprintf(word, sizeof word, "setting of %s (", name);
    int rc = tt_port_fits(table, "Some program", h, "a.ttm", &e);
    CHECK(!rc || (rc == TT_ECONFIG && strstr(e.msg, word) && strstr(e.msg, "a.ttm: Some program")),
          "%s: %s", name, e.msg);
    return rc != 0;
}

/* Gives the i-th setting the k-th of its other values; 0 when there are no more. */
static int change(tt_hyper *h, int i, int k) {
    tt_hyper_setting s;
    tt_err e = {0};
    char value[TT_HYPER_VALUE] = "0.05";
    tt_hyper_at(h, i, &s);
    if (s.family) {
        k += k >= tt_family_place(s.family, s.value, strlen(s.value)); /* the one it has */
        const tt_row *r = s.family->row(k);
        if (!r) return 0;
        snprintf(value, sizeof value, "%s", r->name);
    } else if (s.words) {
        const char *p = s.words;
        for (int j = 0;; p += strcspn(p, "|") + 1) {
            size_t n = strcspn(p, "|");
            if (strlen(s.value) == n && !memcmp(p, s.value, n)) k++; /* the one it has */
            if (j++ == k) break;
            if (!p[n]) return 0;
        }
        snprintf(value, sizeof value, "%.*s", (int)strcspn(p, "|"), p);
    } else {
        if (k) return 0;
        if (!tt_hyper_set(h, s.name, value, &e)) return 1;
        snprintf(value, sizeof value, "%s",
                 !strcmp(s.value, "16") ? "24" : "16"); /* a whole number is asked for */
    }
    CHECK(!tt_hyper_set(h, s.name, value, &e), "%s", e.msg);
    return 1;
}

/* Every value that no row of the table allows is refused by name; every value of a setting without
   a row, but the default, too. */
static void walk(const char *program, const tt_port_row *table) {
    tt_hyper_setting s;
    tt_hyper h = plain();
    for (int i = 0; tt_hyper_at(&h, i, &s); i++)
        for (int k = 0;; k++) {
            tt_hyper other = plain();
            if (table[0].setting && !strcmp(program, "MarianMT")) other.norm = TT_NORM_POST;
            if (!change(&other, i, k)) break;
            tt_hyper_setting now;
            tt_hyper_at(&other, i, &now);
            if (s.class == TT_HYPER_TRAIN)
                CHECK(!refused(table, &other, s.name), "%s %s", program, s.name);
            else if (!named(table, s.name))
                CHECK(refused(table, &other, s.name) == !now.usual, "%s %s", program, s.name);
        }
    for (const tt_port_row *r = table; r->setting; r++) {
        CHECK(tt_hyper_get(&h, r->setting, &s), "%s: a row for %s, which is no setting", program,
              r->setting);
        CHECK(!r->when || tt_hyper_get(&h, r->when, &s), "%s: %s", program, r->setting);
        CHECK(!r->theirs || (r->ours && !strchr(r->ours, '|')),
              "%s: %s has one name for several values", program, r->setting);
        tt_hyper_get(&h, r->setting, &s);
        for (const char *p = r->ours && (s.words || s.family) ? r->ours : ""; *p;
             p += strcspn(p, "|"), p += *p == '|') {
            char word[40];
            snprintf(word, sizeof word, "%.*s", (int)strcspn(p, "|"), p);
            CHECK(s.family ? tt_family_place(s.family, word, strlen(word)) >= 0
                           : tt_port_among(s.words, word),
                  "%s: %s is never %s", program, r->setting, word);
        }
    }
}

/* A default that comes from the preset is no default: an empty table refuses its first such
   setting. */
static void check_empty(void) {
    static const tt_port_row none[] = {{0}};
    static const tt_port_row sizes[] = {{.setting = "dim"},
                                        {.setting = "heads"},
                                        {.setting = "ffn"},
                                        {.setting = "enc-layers"},
                                        {.setting = "dec-layers"},
                                        {.setting = "autoreg"},
                                        {0}};
    tt_hyper h = plain();
    CHECK(refused(none, &h, "dim") && !refused(sizes, &h, ""));
    walk("nobody", sizes);
}

static void check_values(void) {
    tt_hyper h = plain();
    CHECK(!refused(tt_marian_settings, &h, "") && !refused(tt_ct2_settings, &h, ""));
    CHECK(refused(tt_hf_settings, &h, "norm"));
    h.norm_eps = 0.05;
    CHECK(refused(tt_marian_settings, &h, "norm-eps") && !refused(tt_ct2_settings, &h, ""));
    h.norm = TT_NORM_POST;
    CHECK(refused(tt_hf_settings, &h, "norm-eps"));
    h = plain(), h.align_head = 2;
    CHECK(refused(tt_marian_settings, &h, "alignment-head") &&
          refused(tt_ct2_settings, &h, "alignment-head"));
    h = plain(), h.scaled = 0;
    CHECK(refused(tt_marian_settings, &h, "embedding-scale"));
    h.positions = TT_POSITIONS_LEARNED;
    CHECK(!refused(tt_marian_settings, &h, ""));
    h = plain(), h.autoreg = TT_AUTOREG_SSRU;
    CHECK(refused(tt_ct2_settings, &h, "autoreg") && !refused(tt_marian_settings, &h, ""));
    h = plain(), h.aan_activation = 0; /* of a layer that is not there */
    CHECK(!refused(tt_marian_settings, &h, ""));
    h.autoreg = TT_AUTOREG_AVERAGE;
    CHECK(refused(tt_marian_settings, &h, "aan-activation"));
}

static void check_names(void) {
    tt_hyper h = plain();
    tt_err e = {0};
    CHECK(!tt_hyper_set(&h, "activation", "gelu-tanh", &e), "%s", e.msg);
    CHECK(!strcmp(tt_port_theirs(tt_ct2_settings, &h, "activation"), "1"));
    CHECK(!strcmp(tt_port_theirs(tt_hf_settings, &h, "activation"), "gelu_new"));
    CHECK(!tt_port_theirs(tt_marian_settings, &h, "activation") &&
          refused(tt_marian_settings, &h, "activation"));
    CHECK(!strcmp(tt_port_ours(tt_hf_settings, "activation", "silu"), "swish") &&
          !tt_port_ours(tt_hf_settings, "activation", "tanh"));
    CHECK(tt_port_among("a|bc", "bc") && !tt_port_among("a|bc", "b") &&
          tt_port_among("default||none", ""));
}

int main(void) {
    walk("Marian", tt_marian_settings);
    walk("CTranslate2", tt_ct2_settings);
    walk("MarianMT", tt_hf_settings);
    check_empty();
    check_values();
    check_names();
    return test_done("t_fits");
}
