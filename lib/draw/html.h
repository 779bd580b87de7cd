/* html.h: what html.c and htmltext.c share.
 */
#ifndef TT_DRAW_HTML_H
#define TT_DRAW_HTML_H

#include "draw/form.h"
#include "draw/ramp.h"

/* The page before and behind the pictures, in pieces; NULL at the end. */
extern const char *const tt_html_head[], *const tt_html_tail[];

/* A weight as two characters; see html.c. */
void tt_html_code(char two[2], float w, const tt_scale *s);

#endif
