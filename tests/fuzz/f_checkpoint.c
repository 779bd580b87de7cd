/* f_checkpoint: a checkpoint with bytes changed and checksums made right is refused with one line,
 * or gives a record that a run can have. What to change: seal.h.
 */
#include "fuzz/small.h"
#include "fuzz/seal.h"
#include "train/state.h"
#include "ttrans/training.h"

#include <math.h>

static tt_hyper h;
static tt_train_options options;
static tt_pick optimizer;

static void open_state(tt_state *s) {
    tt_err e = {0};
    HOLDS(!tt_state_open(s, &h, &optimizer, true, &e));
}

static uint8_t *make(const char *path, const tt_identity *id, size_t *size) {
    tt_err e = {0};
    tt_state s;
    open_state(&s);
    tt_model_init(s.model, 3);
    tt_state_start(&s);
    s.update = 12, s.epoch = 1, s.index = 3, s.epochs = 1.5, s.elapsed = 2, s.tokens = 900,
    s.best = -3.5, s.best_update = 10;
    s.validated = 10, s.sum_tokens = 100, s.sum_updates = 2, s.sum_loss = 7;
    HOLDS(!tt_state_save(&s, path, id, small_vocab(), &e));
    tt_state_close(&s);
    return memfile_read(path, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t *good;
    static size_t good_size, dir;
    static char path[100];
    const tt_identity id = {.o = &options, .h = &h, .text = 77};
    tt_err e = {0};
    if (!good) {
        h = small_hyper();
        tt_train_defaults(&options);
        HOLDS(!tt_pick_read(&optimizer, &tt_family_optimizer, "adam", &e));
        snprintf(path, sizeof path, "%s/c.ckpt", memfile_folder());
        good = make(path, &id, &good_size);
        dir = (size_t)tt_le_get(good + TT_TTM_AT_DIR, 8);
    }
    uint8_t *copy = malloc(good_size);
    HOLDS(copy);
    memcpy(copy, good, good_size);
    seal_patch(copy, good_size, dir, data, size);
    seal_model(copy, good_size);
    memfile f = memfile_open(copy, good_size);
    tt_state s;
    open_state(&s);
    if (tt_state_load(&s, f.path, &id, &e)) {
        REFUSED(e, e.code == TT_EFORMAT || e.code == TT_ECONFIG || e.code == TT_EDATA ||
                       e.code == TT_ENOMEM);
    } else {
        HOLDS(s.update >= 0 && s.epoch >= 0 && s.index >= 0 && s.tokens >= 0 &&
              s.best_update <= s.update && s.validated <= s.update);
        HOLDS(isfinite(s.epochs) && isfinite(s.sum_loss) && isfinite(s.rise.mean) && s.bad >= 0 &&
              s.bad <= s.update);
    }
    tt_state_close(&s);
    memfile_close(&f);
    free(copy);
    return 0;
}
