/* arena.c: see arena.h. Chunks double in size; a request larger than the next chunk gets one of its
 * own size. An empty arena gives small chunks back and keeps the large ones: the next use finds
 * their pages there, where new ones would have to be cleared again. Under AddressSanitizer, memory
 * that was rewound is poisoned.
 */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

#if defined(__SANITIZE_ADDRESS__)
#define TT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TT_ASAN 1
#endif
#endif
#ifdef TT_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum {
    ALIGN = 64,
    CHUNKS = 64,
    SMALL = 8, /* a chunk is small beside one so many times its size */
#ifdef TT_ASAN
    BLOCK = 0 /* each small thing by itself, so that a read behind it is seen */
#else
    BLOCK = 512 /* bytes that small things share */
#endif
};
static const size_t first_chunk = (size_t)1 << 18;

struct chunk {
    char *mem;
    size_t size, used;
};

struct tt_arena {
    struct chunk chunks[CHUNKS];
    size_t count, at; /* chunks held; the one in use */
    size_t max, held; /* limit and sum of sizes */
    size_t below;     /* bytes used in the chunks before `at` */
    size_t peak;
    char *small; /* what is left of a block of small things */
    size_t small_left;
    tt_mark small_end; /* behind the block */
};

tt_arena *tt_arena_open(size_t max, tt_err *e) {
    tt_arena *a = calloc(1, sizeof *a);
    if (!a) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    a->max = max ? max : SIZE_MAX / 2;
    return a;
}

/* Gives chunks below `least` bytes back. For an arena in which nothing is in use. */
static void drop_chunks(tt_arena *a, size_t least) {
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        struct chunk *c = &a->chunks[i];
        if (c->size >= least) {
            a->chunks[kept++] = *c;
            continue;
        }
        a->held -= c->size;
        UNPOISON(c->mem, c->size);
        free(c->mem);
    }
    a->count = kept;
    a->at = a->below = 0;
}

void tt_arena_close(tt_arena *a) {
    if (!a) return;
    drop_chunks(a, SIZE_MAX);
    free(a);
}

static int add_chunk(tt_arena *a, size_t least) {
    size_t size = a->held ? a->held : first_chunk;
    if (size < least) size = least;
    if (a->count == CHUNKS || least > a->max || a->held > a->max - least) return 0;
    if (size > a->max - a->held) size = (a->max - a->held) / ALIGN * ALIGN;
    if (size < least) return 0;
    char *mem = tt_pages_alloc(size);
    if (!mem && size > least) mem = tt_pages_alloc(size = least);
    if (!mem) return 0;
    POISON(mem, size);
    a->chunks[a->count++] = (struct chunk){mem, size, 0};
    a->held += size;
    return 1;
}

void *tt_arena_alloc(tt_arena *a, size_t size) {
    if (size > SIZE_MAX / 4) return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!size) size = ALIGN;
    const size_t at = a->at, below = a->below;
    while (a->at >= a->count || a->chunks[a->at].size - a->chunks[a->at].used < size) {
        if (a->at < a->count) {
            a->below += a->chunks[a->at].used;
            a->at++;
        }
        if (a->at < a->count) {
            a->chunks[a->at].used = 0;
            continue;
        }
        if (!add_chunk(a, size)) {
            a->at = at; /* the chunks looked through stay free for smaller requests */
            a->below = below;
            return NULL;
        }
    }
    struct chunk *c = &a->chunks[a->at];
    char *p = c->mem + c->used;
    c->used += size;
    if (a->below + c->used > a->peak) a->peak = a->below + c->used;
    UNPOISON(p, size);
    return p;
}

void *tt_arena_zero(tt_arena *a, size_t size) {
    void *p = tt_arena_alloc(a, size);
    if (p) memset(p, 0, size);
    return p;
}

void *tt_arena_small(tt_arena *a, size_t size) {
    if (size > BLOCK / 4) return tt_arena_alloc(a, size);
    size = (size + 7) / 8 * 8;
    if (!size) size = 8;
    if (a->small_left < size) {
        a->small = tt_arena_alloc(a, BLOCK);
        a->small_left = a->small ? BLOCK : 0;
        if (!a->small) return tt_arena_alloc(a, size);
        a->small_end = tt_arena_mark(a);
    }
    char *p = a->small;
    a->small += size;
    a->small_left -= size;
    return p;
}

char *tt_arena_text(tt_arena *a, const char *text, size_t len) {
    char *p = tt_arena_small(a, len + 1);
    if (!p) return NULL;
    if (len) memcpy(p, text, len);
    p[len] = 0;
    return p;
}

tt_mark tt_arena_mark(const tt_arena *a) {
    return (tt_mark){a->at, a->at < a->count ? a->chunks[a->at].used : 0};
}

void tt_arena_rewind(tt_arena *a, tt_mark m) {
    const tt_mark end = a->small_end;
    if (end.chunk > m.chunk || (end.chunk == m.chunk && end.used > m.used)) a->small_left = 0;
    while (a->at > m.chunk) {
        if (a->at < a->count) {
            POISON(a->chunks[a->at].mem, a->chunks[a->at].size);
            a->chunks[a->at].used = 0;
        }
        a->below -= a->chunks[--a->at].used;
    }
    if (a->at < a->count) {
        struct chunk *c = &a->chunks[a->at];
        POISON(c->mem + m.used, c->size - m.used);
        c->used = m.used;
    }
    if (!a->at && !m.used && a->count > 1) {
        size_t largest = 0;
        for (size_t i = 0; i < a->count; i++)
            if (a->chunks[i].size > largest) largest = a->chunks[i].size;
        drop_chunks(a, largest / SMALL);
    }
}

void tt_arena_reset(tt_arena *a) { tt_arena_rewind(a, (tt_mark){0, 0}); }

size_t tt_arena_peak(const tt_arena *a) { return a->peak; }
