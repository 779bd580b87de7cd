/* t_forms.c: letters, what tokens are at their ends, and which bytes of a line they stand for.
 */
#include "translate/forms.h"

#include <stdlib.h>
#include <string.h>

#include "unit/pieces.h"
#include "unit/test.h"

#define B "\xE2\x96\x81"

static void test_letters(void) {
    static const char text[] = "ABC xyz ÁÉÑÜ ŁŻŽĆŸ ΑΩ ДЖЁ ß ÷×İı 日本 \xF0\x9F\x98\x80";
    static const char want[] = "abc xyz áéñü łżžćÿ αω джё ß ÷×İı 日本 \xF0\x9F\x98\x80";
    char out[sizeof text];
    CHECK(sizeof text == sizeof want);
    tt_forms_fold(out, text, sizeof text - 1);
    CHECK(!memcmp(out, want, sizeof want - 1), "%.*s", (int)sizeof text - 1, out);
    static const uint32_t pairs[][2] = {
        {'a', 'A'},     {'z', 'Z'},     {0xe1, 0xc1},   {0xf1, 0xd1},   {0x142, 0x141},
        {0x17c, 0x17b}, {0x436, 0x416}, {0x451, 0x401}, {0x3b1, 0x391}, {0xff, 0x178},
        {'A', 'A'},     {'1', '1'},     {0xdf, 0xdf},   {0xf7, 0xf7},   {0x65e5, 0x65e5}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CHECK(tt_forms_capital(pairs[i][0]) == pairs[i][1], "%x: %x", pairs[i][0],
              tt_forms_capital(pairs[i][0]));
}

static const struct {
    const char *piece;
    int edge;
} pieces[] = {
    {B "the", TT_EDGE_BEGINS | TT_EDGE_SHORT},
    {B "house", TT_EDGE_BEGINS},
    {"ing", 0},
    {".", TT_EDGE_MARK | TT_EDGE_AFTER},
    {B "¿", TT_EDGE_BEGINS | TT_EDGE_MARK | TT_EDGE_AFTER | TT_EDGE_OPENS | TT_EDGE_SHORT},
    {B, TT_EDGE_BEGINS | TT_EDGE_AFTER | TT_EDGE_OPENS},
    {"-", TT_EDGE_MARK | TT_EDGE_AFTER},
    {B "é", TT_EDGE_BEGINS | TT_EDGE_SHORT},
    {"o.", TT_EDGE_AFTER},
    {B "a", TT_EDGE_BEGINS | TT_EDGE_SHORT},
    {"b", 0},
    {"c", 0}};

static void test_tokens(tt_vocab *v) {
    tt_err e = {0};
    uint8_t *edge = tt_forms_edges(v, &e);
    for (int i = 0; edge && i < (int)(sizeof pieces / sizeof *pieces); i++)
        CHECK(edge[i + 2] == pieces[i].edge, "%s: %d", pieces[i].piece, edge[i + 2]);
    free(edge);
    tt_arena *a = tt_arena_open(0, &e);
    static const char *const texts[] = {"the house-ing. abc", "the  house", "the abc. -", ""};
    for (size_t k = 0; a && k < sizeof texts / sizeof *texts; k++) {
        const char *text = texts[k];
        int32_t *ids, *begin, *end;
        size_t n;
        CHECK(!tt_vocab_encode(v, text, strlen(text), TT_VOCAB_EOS, a, &ids, &n, &e), "%s", e.msg);
        const tt_sentence s = {
            .ids = ids, .count = (int)n, .gap = "", .plain = {.text = text, .len = strlen(text)}};
        CHECK(!tt_forms_place(&begin, &end, v, &s, a, &e), "%s", e.msg);
        for (size_t i = 0; i + 1 < n; i++) { /* each stands for its own letters */
            const char *piece = tt_vocab_piece(v, ids[i]);
            if (!strncmp(piece, B, 3)) piece += 3;
            CHECK((size_t)(end[i] - begin[i]) == strlen(piece) &&
                      !memcmp(text + begin[i], piece, strlen(piece)),
                  "'%s', token %zu, '%s': %d to %d", text, i, piece, begin[i], end[i]);
        }
        CHECK(begin[n - 1] == end[n - 1] && (size_t)end[n - 1] == strlen(text));
    }
    tt_arena_close(a);
}

int main(void) {
    const char *names[sizeof pieces / sizeof *pieces];
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) names[i] = pieces[i].piece;
    tt_vocab *v = pieces_vocab(names, (int)(sizeof pieces / sizeof *pieces));
    test_letters();
    if (v) test_tokens(v);
    tt_vocab_close(v);
    return test_done("t_forms");
}
