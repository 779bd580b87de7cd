/* wish.h: where a tag would like to stand in a translation, by the links of the words at it.
 * place.c then holds tags to what nests.
 *
 *     struct placing p = {.s = segment, .text = translation, .bytes = bytes, .a = arena};
 *     TT_TRY(tt_wish_open(&p, rendition, e));
 *     tt_wish_run(&p, node, o1, o2, 0);              // node->x, node->y: bytes of the translation
 *
 * All memory lies in the arena.
 */
#ifndef TT_MARKUP_WISH_H
#define TT_MARKUP_WISH_H

#include "markup/place.h"

struct node {
    size_t x, y;                 /* bytes of the translation */
    int32_t open, close;         /* tags; close -1: alone */
    int full, own;               /* holds words; and they have links */
    int32_t child, next, parent; /* nodes, -1: none */
};

struct placing {
    const tt_segment *s;
    tt_span text;     /* the translation */
    tt_span *sw, *tw; /* words of both */
    size_t ns, nt;
    int32_t *first, *to; /* source word i is linked to target words to[first[i]] … */
    int32_t *mark;       /* (nt) the last query that hit the word */
    int32_t query;
    int32_t *strays; /* (nt+1) see count_strays */
    struct node *nodes;
    int32_t n, fields; /* nodes 0 … fields-1 are fields */
    const char *bytes; /* of the document */
    tt_arena *a;
};

/* Reads words and links of both sides. TT_ENOMEM. */
int tt_wish_open(struct placing *p, const tt_rendition *r, tt_err *e);

/* The first source word that ends behind the byte; that begins at it or behind. */
size_t tt_wish_word_behind(const struct placing *p, size_t at);
size_t tt_wish_word_from(const struct placing *p, size_t at);

/* Of an element over source bytes o1 … o2-1 that hold words. */
void tt_wish_run(struct placing *p, struct node *v, size_t o1, size_t o2, int opaque);

/* Of a tag alone, or an element without words, at source byte `at`. */
void tt_wish_point(struct placing *p, struct node *v, size_t at);

/* Where the translation's bytes from … to-1 are best cut for a line end at the source byte `at`:
   near `share` of them, before a word, with few words on the wrong side, and behind a mark; so many
   words are left behind it, if there are. */
size_t tt_wish_cut(struct placing *p, size_t at, double share, size_t from, size_t to, size_t left);

#endif
