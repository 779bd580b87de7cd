/* t_bylength.c: sentences by falling length, their texts in that order, and the rows of each
   step. */
#include "nn/bylength.h"

#include "tensor/cell.h"

#include <string.h>

#include "unit/test.h"

int main(void) {
    tt_err e;
    tt_kernels k;
    tt_run run;
    CHECK(!tt_kernels_init(&k, NULL, &e) && !tt_run_open(&run, &k, 0, &e));
    const int32_t t_off[] = {0, 2, 5, 7, 8}, s_off[] = {0, 1, 3, 6, 7}, ids[8] = {0};
    const tt_seqs tgt = {4, t_off, ids, NULL}, src = {4, s_off, ids, NULL};
    int32_t *order = tt_sort_sequences(&run, tgt.count, tgt.off), k_off[5], rows[4];
    static const int32_t want[] = {1, 0, 2, 3}; /* lengths 3, 2, 2, 1; equal ones by number */
    CHECK(order && !memcmp(order, want, sizeof want));
    float data[7];
    for (int i = 0; i < 7; i++) data[i] = (float)i;
    tt_tensor text = {.data = data, .rows = 7, .cols = 1},
              *sorted = order ? tt_bylength_text(&run, &text, &src, order, k_off) : NULL;
    static const float states[] = {1, 2, 0, 3, 4, 5, 6};
    static const int32_t places[] = {0, 2, 3, 6, 7};
    CHECK(sorted && !memcmp(sorted->data, states, sizeof states) &&
          !memcmp(k_off, places, sizeof places));
    static const int32_t first[] = {2, 0, 5, 7}, second[] = {3, 1, 6}, third[] = {4};
    CHECK(tt_bylength_rows(&tgt, want, 0, rows) == 4 && !memcmp(rows, first, sizeof first));
    CHECK(tt_bylength_rows(&tgt, want, 1, rows) == 3 && !memcmp(rows, second, sizeof second));
    CHECK(tt_bylength_rows(&tgt, want, 2, rows) == 1 && !memcmp(rows, third, sizeof third));
    CHECK(tt_bylength_rows(&tgt, want, 3, rows) == 0);
    tt_run_close(&run);
    return test_done("t_bylength");
}
