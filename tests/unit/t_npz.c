/* t_npz: arrays through each file format and back; numbers, transposes, scales. */
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/formats.h"
#include "test.h"
#include "tiny.h"

static const float numbers[6] = {1, 2, 3, 4, 5, 6};
static const unsigned char small[6] = {1, 254, 3, 252, 5, 250}; /* 1 -2 3 -4 5 -6 */

static void fill(tt_arrays *list, tt_arena *a, tt_err *e) {
    tt_array m = {.name = "matrix",
                  .type = TT_ARRAY_F32,
                  .rank = 2,
                  .dim = {2, 3},
                  .data = (const unsigned char *)numbers,
                  .size = 24};
    tt_array v = {.name = "vector",
                  .type = TT_ARRAY_F32,
                  .rank = 1,
                  .dim = {6},
                  .data = (const unsigned char *)numbers,
                  .size = 24};
    tt_array s = {.name = "scalar", .type = TT_ARRAY_I8, .data = small, .size = 1};
    tt_arrays_init(list, a, "t");
    CHECK(!tt_arrays_add(list, &v, e) && !tt_arrays_add(list, &m, e) &&
          !tt_arrays_add(list, &s, e));
    CHECK(!tt_arrays_sort(list, e) && tt_arrays_find(list, "matrix")->rank == 2 &&
          !tt_arrays_find(list, "x"));
    m.size = 23;
    CHECK(tt_arrays_add(list, &m, e) == TT_EFORMAT &&
          strstr(e->msg, "which is not its shape, 2 x 3 (float32)"));
}

static void check(const tt_arrays *list) {
    const tt_array *m = tt_arrays_find(list, "matrix"), *v = tt_arrays_find(list, "vector"),
                   *s = tt_arrays_find(list, "scalar");
    float x[6];
    CHECK(list->count == 3 && m && v && s);
    if (!m || !v || !s) return;
    CHECK(m->rank == 2 && m->dim[0] == 2 && m->dim[1] == 3 && v->rank == 1 && v->dim[0] == 6 &&
          s->rank == 0);
    tt_array_f32(x, m, false);
    CHECK(!memcmp(x, numbers, sizeof x));
    tt_array_f32(x, m, true);
    CHECK(x[0] == 1 && x[1] == 4 && x[2] == 2 && x[5] == 6);
    CHECK(tt_array_number(s, 0) == 1.0);
}

typedef int write_fn(const tt_arrays *list, const char *path, tt_err *e);
typedef int read_fn(tt_arrays *list, const void *data, size_t size, tt_err *e);

static int write_ct2(const tt_arrays *list, const char *path, tt_err *e) {
    return tt_ct2bin_write(list, "TransformerSpec", 7, path, e);
}

static int read_ct2(tt_arrays *list, const void *data, size_t size, tt_err *e) {
    char spec[64];
    unsigned revision;
    TT_TRY(tt_ct2bin_read(list, spec, &revision, data, size, e));
    return strcmp(spec, "TransformerSpec") || revision != 7;
}

static void there_and_back(const char *name, write_fn *write, read_fn *read) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e);
    tt_arrays list, back;
    char *bytes = NULL;
    size_t size = 0;
    fill(&list, a, &e);
    const char *path = tiny_path(name);
    CHECK(!write(&list, path, &e) && !tt_file_read(&bytes, &size, path, 1 << 20, &e), "%s", e.msg);
    tt_arrays_init(&back, a, name);
    CHECK(!read(&back, bytes, size, &e) && !tt_arrays_sort(&back, &e), "%s", e.msg);
    check(&back);
    for (size_t cut = 0; cut < size;
         cut += 7) { /* each shorter file is refused, or is another list */
        tt_arrays_init(&back, a, name);
        CHECK(read(&back, bytes, cut, &e) == TT_EFORMAT, "%s, %zu bytes", name, cut);
    }
    free(bytes);
    tt_arena_close(a);
}

static void quantised(void) {
    float scale[2] = {2, 4}, x[6];
    tt_array q = {
        .name = "q", .type = TT_ARRAY_I8, .rank = 2, .dim = {2, 3}, .data = small, .size = 6};
    q.scale = (const unsigned char *)scale;
    q.scales = 2;
    tt_array_f32(x, &q, false);
    CHECK(x[0] == 0.5f && x[1] == -1 && x[2] == 1.5f && x[3] == -1 && x[5] == -1.5f);
    tt_array_f32(x, &q, true);
    CHECK(x[0] == 0.5f && x[1] == -1 && x[2] == -1 && x[5] == -1.5f);
    q.flipped = true; /* what lies there is (3, 2) */
    q.scales = 1;
    tt_array_f32(x, &q, true);
    CHECK(x[0] == 0.5f && x[1] == -1 && x[2] == 1.5f && x[5] == -3);
    tt_array_f32(x, &q, false);
    CHECK(x[0] == 0.5f && x[1] == 1.5f && x[2] == 2.5f && x[3] == -1);
}

int main(void) {
    there_and_back("t.npz", tt_npz_write, tt_npz_read);
    there_and_back("t.safetensors", tt_safetensors_write, tt_safetensors_read);
    there_and_back("t.ct2", write_ct2, read_ct2);
    quantised();
    return test_done("t_npz");
}
