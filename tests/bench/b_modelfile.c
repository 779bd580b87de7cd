/* b_modelfile: how fast model files are written and read: a model of 10 million weights, normally
 * distributed, in each type and codec. Rates are in MB of f32 per second, as the caller sees them.
 */
#include "io/modelfile.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 512, COLS = 512, TENSORS = 40 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int time_one(const char *path, int type, int codec, float *x, tt_err *e) {
    double mb = 1e-6 * sizeof *x * ROWS * COLS * TENSORS, start = now();
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    for (int i = 0; i < TENSORS; i++) {
        char name[16];
        snprintf(name, sizeof name, "w%d", i);
        tt_modelwriter_add(w, name, type, ROWS, COLS, x, codec, NULL);
    }
    TT_TRY(tt_modelwriter_finish(w, e));
    double written = now();
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    double opened = now();
    int rc = 0;
    for (size_t i = 0; i < TENSORS && !rc; i++)
        rc = tt_modelfile_read_f32(mf, tt_modelfile_entry(mf, i), x, e);
    double read = now();
    printf("%-5s %-8s %5.1f MB  write %5.0f MB/s  open %4.2f ms  read %5.0f MB/s, %5.1f ms\n",
           tt_type_name(type), tt_codec_name(codec), 1e-6 * (double)tt_modelfile_size(mf),
           mb / (written - start), 1e3 * (opened - written), mb / (read - opened),
           1e3 * (read - opened));
    tt_modelfile_close(mf);
    return rc;
}

int main(void) {
    char path[500];
    const char *tmp = getenv("TT_TEST_TMP");
    snprintf(path, sizeof path, "%s/b_modelfile.ttm", tmp ? tmp : "/tmp");
    float *x = malloc(ROWS * COLS * sizeof *x);
    if (!x) return 1;
    tt_err e = {0};
    int rc = 0;
    for (int type = TT_TYPE_F32; type <= TT_TYPE_I8 && !rc; type++)
        for (int codec = 0; codec < TT_CODEC_COUNT && !rc; codec++) {
            for (size_t i = 0; i < ROWS * COLS; i++) x[i] = (float)(0.05 * tt_rand_normal(1, i));
            rc = time_one(path, type, codec, x, &e);
        }
    if (rc) printf("b_modelfile: %s\n", e.msg);
    unlink(path);
    free(x);
    return rc != 0;
}
