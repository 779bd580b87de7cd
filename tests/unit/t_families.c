/* t_families.c: every family and every row: names that can be typed, help, settings that are in
 * their own range, and a text that is read back as the same. A row that is added is tested without
 * a line here.
 */
#include "ttrans.h"
#include "unit/test.h"

#include <string.h>

/* SentencePiece has _ in names. */
static int typed(const char *name) {
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(name);
}

static void check_row(const tt_family *f, int i) {
    const tt_row *r = f->row(i);
    tt_pick p, back;
    tt_err e = {0};
    char text[TT_PICK_TEXT];
    CHECK(typed(r->name) && r->help && *r->help && r->help[strlen(r->help) - 1] != '.', "%s %s",
          f->name, r->name);
    CHECK(tt_family_place(f, r->name, strlen(r->name)) == i, "%s has two rows %s", f->name,
          r->name);
    CHECK(!tt_pick_read(&p, f, r->name, &e) && p.row == r, "%s", e.msg);
    int n = 0;
    for (const tt_setting *s = r->settings; s && s->name; s++, n++) {
        CHECK(typed(s->name) && *s->help && s->low <= s->usual && s->usual <= s->high, "%s:%s",
              r->name, s->name);
        if (s->whole == TT_SETTING_TEXT) CHECK(s->words != NULL, "%s:%s", r->name, s->name);
        else if (n < TT_PICK_SETTINGS) p.set[n] = s->usual == s->low ? s->high : s->low;
    }
    CHECK(n <= TT_PICK_SETTINGS, "%s has %d settings", r->name, n);
    tt_pick_write(&p, text);
    CHECK(!tt_pick_read(&back, f, text, &e) && back.row == r, "%s: %s", text, e.msg);
    for (int k = 0; k < n; k++)
        CHECK(!(back.set[k] < p.set[k]) && !(back.set[k] > p.set[k]), "%s", text);
}

int main(void) {
    const tt_family *f;
    int families = 0;
    for (; (f = tt_family_at(families)) != NULL; families++) {
        int rows = 0;
        CHECK(typed(f->name) && *f->help && tt_family_find(f->name) == f, "%s", f->name);
        for (; f->row(rows); rows++) check_row(f, rows);
        CHECK(rows > 1 && !f->row(-1) && !f->row(rows + 1), "%s has %d rows", f->name, rows);
    }
    CHECK(families >= 12 && !tt_family_at(-1) && !tt_family_find("soup"));
    CHECK(!strcmp(tt_family_find("type")->row(TT_TYPE_I8)->name, tt_type_name(TT_TYPE_I8)));
    CHECK(!strcmp(tt_family_find("metric")->row(0)->name, tt_score_metric(0)));
    return test_done("t_families");
}
