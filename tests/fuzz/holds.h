/* holds.h: the entry of a fuzzer, and a property that must hold: libFuzzer and replay.c see
   abort. */
#ifndef TT_FUZZ_HOLDS_H
#define TT_FUZZ_HOLDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(property)                                                                            \
    do {                                                                                           \
        if (!(property)) {                                                                         \
            fprintf(stderr, "does not hold: %s\n", #property);                                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
