/* pages.h: large blocks of memory that are used from end to end, as the weights of a model are.
 *
 *     float *block = tt_pages_alloc(size);     // NULL: no memory; free(block)
 *
 * Aligned to 64 bytes at least, not cleared. The system is asked for large pages (2 MiB on x86-64):
 * where it gives them, a block takes a five-hundredth of the page faults to fill and of the entries
 * of the translation buffer to read.
 */
#ifndef TT_BASE_PAGES_H
#define TT_BASE_PAGES_H

#include <stddef.h>

void *tt_pages_alloc(size_t size);

#endif
