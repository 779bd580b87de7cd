/* pages.c: see pages.h. Only the large pages that lie wholly inside a block are asked for, so no
 * more memory is used.
 */
#define _DEFAULT_SOURCE
#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LINE = 64, LARGE = 2 << 20 };

void *tt_pages_alloc(size_t size) {
    if (size > SIZE_MAX / 4) return NULL;
    const size_t align = size < LARGE ? LINE : LARGE;
    char *p = aligned_alloc(align, size ? (size + align - 1) / align * align : align);
#ifdef MADV_HUGEPAGE
    if (p && size >= LARGE)
        madvise(p, size / LARGE * LARGE, MADV_HUGEPAGE); /* a wish: no is an answer, too */
#endif
    return p;
}
