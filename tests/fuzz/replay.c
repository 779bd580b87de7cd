/* replay.c: gives every saved input to a fuzzer, without a fuzzing engine.
 *
 *     replay NAME FILE...
 *
 * A fuzzer f_NAME.c defines LLVMFuzzerTestOneInput, which states one property and aborts when it
 * does not hold. Beside the files themselves, each is tried cut short and with single bytes
 * changed, at places drawn from a fixed seed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 22, VARIANTS = 100 };

/* A copy of exactly `size` bytes, so that a sanitizer sees a read behind the end. */
static void try_one(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) return;
    if (size) memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint32_t next(uint32_t *state) {
    *state ^= *state << 13, *state ^= *state >> 17, *state ^= *state << 5;
    return *state;
}

int main(int argc, char **argv) {
    static uint8_t data[MOST];
    uint32_t state = 0x9e3779b9u;
    int passed = 0, failed = 0;
    for (int i = 2; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            printf("cannot open %s\n", argv[i]);
            failed++;
            continue;
        }
        size_t size = fread(data, 1, MOST, f);
        fclose(f);
        try_one(data, size);
        for (int v = 0; v < VARIANTS && size; v++) {
            size_t at = next(&state) % size;
            if (v % 4 == 0) {
                try_one(data, at);
                continue;
            }
            uint8_t was = data[at];
            data[at] = (uint8_t)(v % 4 == 1 ? was ^ (1u << next(&state) % 8) : next(&state));
            try_one(data, size);
            data[at] = was;
        }
        passed++;
    }
    printf("%s: %d passed, %d failed\n", argc > 1 ? argv[1] : "replay", passed, failed);
    return failed != 0;
}
