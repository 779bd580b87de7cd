/* t_pages.c: blocks of pages of any size are aligned, writable to their ends and free's to give
   back. */
#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

int main(void) {
    static const size_t sizes[] = {
        0, 1, 63, 64, 65, 4096, (2u << 20) - 1, 2u << 20, (2u << 20) + 1, (7u << 20) + 12345};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = tt_pages_alloc(sizes[i]);
        CHECK((p || !sizes[i]) && (uintptr_t)p % 64 == 0, "%zu bytes at %p", sizes[i], (void *)p);
        if (p && sizes[i]) {
            memset(p, 0xa5, sizes[i]);
            CHECK(p[0] == 0xa5 && p[sizes[i] - 1] == 0xa5, "%zu bytes", sizes[i]);
        }
        free(p);
    }
    CHECK(!tt_pages_alloc(SIZE_MAX) && !tt_pages_alloc(SIZE_MAX / 2), "more than there can be");
    return test_done("t_pages");
}
