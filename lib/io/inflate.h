/* inflate.h: zlib streams (RFC 1950) whose size is known, from memory to memory, faster than zlib.
 *
 *     if (tt_inflate(dst, n, src, size)) return damaged;
 */
#ifndef TT_IO_INFLATE_H
#define TT_IO_INFLATE_H

#include <stddef.h>

/* 0 if src (size) is one whole stream of exactly n bytes, which stand in dst then; else -1. Takes what zlib's inflate takes. */
int tt_inflate(unsigned char *dst, size_t n, const unsigned char *src, size_t size);

#endif
