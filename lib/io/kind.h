/* kind.h: what a file is, by its first bytes: text, in which encoding, or something that is no
 * text.
 *
 *     tt_kind k = tt_kind_of(bytes, len, whole);
 *     if (k.sort == TT_KIND_OTHER) return tt_fail(e, TT_EDATA, "%s: is %s; %s", name, k.what,
 *       k.todo);
 *
 * Pure functions. The more bytes are given the better: some kinds show themselves behind 262 bytes
 * only.
 */
#ifndef TT_IO_KIND_H
#define TT_IO_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum {
    TT_KIND_OPEN, /* too few bytes to say; none of them is a line's end */
    TT_KIND_TEXT,
    TT_KIND_OTHER
};

typedef struct tt_kind {
    int sort;
    int encoding; /* of text: TT_TEXT_UTF8, or one of encoding.h */
    size_t mark;  /* bytes of the byte order mark at its start */
    const char *what,
        *todo; /* of others: "a PDF file", "extract its text first, as with pdftotext" */
} tt_kind;

/* `whole`: there are no more bytes than these. */
tt_kind tt_kind_of(const unsigned char *bytes, size_t len, int whole);

/* UTF-16LE or -BE by where NULs are, for text without a mark; else 0. */
int tt_kind_utf16(const unsigned char *bytes, size_t len);

/* 1 if these bytes are no UTF-8 but make sense as Windows-1252: no control characters, every
   byte a character, hardly any that are UTF-8. */
bool tt_kind_windows_1252(const unsigned char *bytes, size_t len);

#endif
