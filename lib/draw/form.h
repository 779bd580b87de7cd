/* form.h: what a form of drawings is to drawing.c: three functions over an output; and the writing
 * they share.
 */
#ifndef TT_DRAW_FORM_H
#define TT_DRAW_FORM_H

#include "base/arena.h"
#include "draw/drawing.h"
#include "io/file.h"

struct tt_sheet;

struct tt_drawing {
    int form;
    tt_draw_style style;
    tt_output *out;         /* owned */
    tt_arena *a;            /* of one picture: rewound before each */
    tt_arena *keep;         /* of all pictures */
    int count;              /* pictures so far */
    struct tt_sheet *sheet; /* SVG, PNG: what has been drawn, in keep; or NULL */
};

/* Any of them may be NULL. `begin` runs before the first picture, `end` behind the last one. */
typedef struct tt_form {
    int (*begin)(tt_drawing *d, tt_err *e);
    int (*add)(tt_drawing *d, const tt_picture *p, tt_err *e);
    int (*end)(tt_drawing *d, tt_err *e);
} tt_form;

extern const tt_form tt_form_text, tt_form_csv, tt_form_tsv, tt_form_json, tt_form_npy, tt_form_svg,
    tt_form_png, tt_form_html;

/* Writing. Errors stay in the output until it is finished. */
void tt_say(tt_output *o, const char *text);
void tt_say_print(tt_output *o, const char *fmt, ...) TT_PRINTF(2, 3); /* at most 255 bytes */
void tt_say_times(tt_output *o, const char *text, int times);

/* A JSON string with its quotes, safe inside HTML's <script> too: < is written as \u003c. Bad UTF-8
 * becomes U+FFFD. */
void tt_say_json(tt_output *o, const char *text);

/* Text of XML and HTML, for contents and attributes. */
void tt_say_xml(tt_output *o, const char *text);

#endif
