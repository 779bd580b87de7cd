/* t_memory.c: what decoding keeps, against a plain model in which every hypothesis carries its
 * whole history: rows multiply, change places, end, and go on far beyond the cells of their places;
 * in floats and in 16 bits; states, and what is kept once.
 */
#include "base/rng.h"
#include "nn/memory.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

enum { SENTENCES = 4, ROWS = 5, MOST_ROWS = SENTENCES * ROWS, STEPS = 70, TOKENS = 40 };
enum { FLOATS, BRIEF, STATE, STARTED, ONCE, ONCE_BRIEF, NOTHING, SLOTS };
enum {
    KEY = 5,
    VALUE = 3,
    HEADS = 2,
    WIDE = 8,
    WIDTH = 6,
    WORDS = HEADS * 16 /* of WIDE floats in 16 bits */
};

static const tt_keeping keeps[SLOTS] = {
    {TT_KEEP_CELLS, KEY, VALUE, 0}, {TT_KEEP_CELLS, WIDE, WIDE, HEADS},
    {TT_KEEP_STATE, WIDTH, 0, 0},   {TT_KEEP_STATE, WIDTH, 0, 0},
    {TT_KEEP_ONCE, KEY, VALUE, 0},  {TT_KEEP_ONCE, WIDE, WIDE, HEADS},
    {TT_KEEP_NOTHING, 0, 0, 0}};

static tt_kernels kernels;

/* A hypothesis of the plain model: the numbers of its steps, its places, its state. */
struct hyp {
    int sentence, place, moved; /* moved 1: once it was in another place */
    int steps[STEPS];
    float state[2][WIDTH];
};

/* The joint product of which a step's keys and values are columns: number i of row r is a function
 * of what the row is. */
static float number(int what, int i) { return (float)(what % 97) - 48 + (float)i * 0.125f; }

static void fill(tt_tensor *t, float *data, int rows, int cols, const int *what) {
    *t = (tt_tensor){.data = data, .rows = rows, .cols = cols};
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < cols; i++) data[r * cols + i] = number(what[r], i);
}

/* Does the memory's row `cell` hold the columns first … first+width-1 of what `what` was? */
static int holds(const tt_reads *x, const void *base, ptrdiff_t ld, int32_t cell, int what,
                 int first, int width) {
    float row[WIDE];
    for (int i = 0; i < width; i++) row[i] = number(what, first + i);
    if (!x->halved)
        return !memcmp((const float *)base + cell * ld, row, (size_t)width * sizeof *row);
    uint32_t words[WORDS];
    kernels.keep16(words, row, HEADS, width / HEADS);
    return !memcmp((const uint32_t *)base + cell * ld, words, sizeof words);
}

static int wrong_cells(const tt_reads *x, const struct hyp *h, int rows, int step, int key,
                       int value) {
    int wrong = 0;
    for (int r = 0; r < rows; r++) {
        wrong += x->n[r] != step + 1;
        for (int i = 0; i <= step && i < x->n[r]; i++) {
            const int32_t cell = x->rows && x->rows[r] ? x->rows[r][i] : x->first[r] + i;
            wrong += !holds(x, x->k, x->ld, cell, h[r].steps[i], 2, key);
            wrong += !holds(x, x->v, x->v_ld, cell, h[r].steps[i], 2 + key, value);
        }
    }
    return wrong;
}

/* What is kept once: the tokens of the row's sentence. */
static int wrong_once(const tt_reads *x, const struct hyp *h, int rows, const int32_t *off, int key,
                      int value) {
    int wrong = 0;
    for (int r = 0; r < rows; r++) {
        const int32_t first = off[h[r].sentence];
        wrong +=
            x->rows != NULL || x->first[r] != first || x->n[r] != off[h[r].sentence + 1] - first;
        for (int i = 0; i < x->n[r]; i++) {
            wrong += !holds(x, x->k, x->ld, first + i, 1000 + first + i, 2, key);
            wrong += !holds(x, x->v, x->v_ld, first + i, 1000 + first + i, 2 + key, value);
        }
    }
    return wrong;
}

/* Next rows of the plain model. `turn` decides at random; no sentence comes back once it has no
 * rows. */
static int choose(struct hyp *next, const struct hyp *now, int rows, const tt_capacity *room,
                  int32_t *parent, uint64_t turn, int step) {
    int n = 0, from = 0;
    for (int b = 0; b < SENTENCES; b++) {
        int had = 0;
        while (from + had < rows && now[from + had].sentence == b) had++;
        const int most = step < room[b].steps ? room[b].rows : 0;
        int count = step && !had ? 0
                                 : 1 + (int)tt_rand_below(turn, (uint64_t)(step * 100 + b),
                                                          (uint32_t)room[b].rows);
        if (step > 20 && tt_rand_below(turn, (uint64_t)(step * 100 + 50 + b), 40) == 0) count = 0;
        for (int place = 0; place < count && place < most; place++, n++) {
            const uint64_t key = (uint64_t)(step * 1000 + b * 20 + place);
            const int stays = tt_rand_below(turn + 1, key, 4) && place < had;
            const int p =
                !step ? b
                      : from + (stays ? place : (int)tt_rand_below(turn + 2, key, (uint32_t)had));
            parent[n] = p;
            if (step) next[n] = now[p];
            else next[n] = (struct hyp){.sentence = b};
            next[n].moved |= step && now[p].place != place;
            next[n].place = place;
        }
        from += had;
    }
    return n;
}

static int usual(int n) { return n + n / 4 + 8; }

/* State of the row before this step, and what it is afterwards. */
static int step_state(const tt_memory *m, int slot, int which, struct hyp *h, int rows,
                      const int32_t *parent, int step, int begins_at) {
    const tt_state_rows s = tt_memory_state(m, slot);
    int wrong = 0;
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < WIDTH; i++) {
            const float start = begins_at ? number(begins_at + h[r].sentence, i) : 0;
            const float want = step ? h[r].state[which][i] : start;
            const float got = s.before ? s.before[s.parent[r] * WIDTH + i] : 0;
            wrong += got < want || got > want || (step && s.parent[r] != parent[r]);
        }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < WIDTH; i++)
            h[r].state[which][i] = s.after[r * WIDTH + i] = number(step * 31 + r + slot, i);
    return wrong;
}

static void check_search(uint64_t turn) {
    static struct hyp hyps[2][MOST_ROWS];
    static float room_for[MOST_ROWS * 40], once_for[TOKENS * 40], start_for[SENTENCES * WIDTH];
    static const int32_t off[SENTENCES + 1] = {0, 1, 9, 10, 20};
    const tt_capacity room[SENTENCES] = {{ROWS, STEPS}, {3, 30}, {1, STEPS}, {4, 12}};
    const tt_seqs src = {SENTENCES, off, NULL, NULL};
    tt_err e;
    tt_run run;
    int what[TOKENS], wrong[SLOTS] = {0}, wandering = 0, rows = 0, listed = 0;
    CHECK(!tt_run_open(&run, &kernels, 0, &e));
    tt_memory *m = tt_memory_open(&run, keeps, SLOTS, &src, room);
    CHECK(m && tt_memory_steps(m) == 0);
    tt_tensor once, start, joint;
    for (int i = 0; i < TOKENS; i++) what[i] = 1000 + i;
    fill(&once, once_for, off[SENTENCES], 2 + 2 * WIDE, what);
    tt_memory_set_once(m, ONCE, (tt_part){&once, 2}, (tt_part){&once, 2 + KEY}, src.off);
    tt_memory_set_once(m, ONCE_BRIEF, (tt_part){&once, 2}, (tt_part){&once, 2 + WIDE}, src.off);
    for (int i = 0; i < SENTENCES; i++) what[i] = 60 + i;
    fill(&start, start_for, SENTENCES, WIDTH, what);
    tt_memory_start(m, STARTED, &start);
    int steps = 0;
    for (int step = 0; step < STEPS; step++, steps++) {
        int32_t parent[MOST_ROWS], sentence[MOST_ROWS];
        struct hyp *now = hyps[step & 1], *before = hyps[!(step & 1)];
        rows = choose(now, before, rows, room, parent, turn, step);
        if (!rows) break;
        for (int r = 0; r < rows; r++) {
            sentence[r] = now[r].sentence;
            what[r] = now[r].steps[step] =
                (int)tt_rand_below(9, (uint64_t)(step * MOST_ROWS + r), 5000);
        }
        CHECK(!tt_memory_reserve(&run, m, rows));
        const int32_t *position = tt_memory_step(&run, m, rows, parent, sentence);
        CHECK(position && position == tt_memory_positions(m) && tt_memory_steps(m) == step + 1,
              "step %d", step);
        if (!position) break;
        for (int r = 0; r < rows; r++) wandering += position[r] != step;
        fill(&joint, room_for, rows, 2 + 2 * WIDE, what);
        const tt_reads x =
            tt_memory_put(m, FLOATS, (tt_part){&joint, 2}, (tt_part){&joint, 2 + KEY});
        wrong[FLOATS] += wrong_cells(&x, now, rows, step, KEY, VALUE);
        for (int r = 0; r < rows; r++) {
            const int n = off[now[r].sentence + 1] - off[now[r].sentence];
            if (x.rows[r]) listed++;
            if (x.rows[r] && !now[r].moved && step < usual(n)) wandering++;
        }
        const tt_reads y =
            tt_memory_put(m, BRIEF, (tt_part){&joint, 2}, (tt_part){&joint, 2 + WIDE});
        wrong[BRIEF] += wrong_cells(&y, now, rows, step, WIDE, WIDE);
        wrong[STATE] += step_state(m, STATE, 0, now, rows, parent, step, 0);
        wrong[STARTED] += step_state(m, STARTED, 1, now, rows, parent, step, 60);
        const tt_reads z = tt_memory_once(m, ONCE), u = tt_memory_once(m, ONCE_BRIEF);
        wrong[ONCE] += wrong_once(&z, now, rows, off, KEY, VALUE);
        wrong[ONCE_BRIEF] += wrong_once(&u, now, rows, off, WIDE, WIDE);
    }
    for (int i = 0; i < SLOTS; i++)
        CHECK(!wrong[i], "turn %d, slot %d: %d differ", (int)turn, i, wrong[i]);
    CHECK(!wandering, "%d rows that stay in their places are not one run, or have another position",
          wandering);
    CHECK(listed > 0 && steps > usual(10), "%d lists, %d steps: too few to see anything", listed,
          steps);
    tt_run_close(&run);
}

/* More rows or steps than were asked for are the caller's fault, and nothing is written. */
static void check_full(void) {
    static const int32_t off[] = {0, 3}, zeros[4] = {0};
    const tt_capacity room = {2, 3};
    const tt_seqs src = {1, off, NULL, NULL};
    tt_err e;
    for (int much = 0; much < 2; much++) {
        tt_run run;
        CHECK(!tt_run_open(&run, &kernels, 0, &e));
        tt_memory *m = tt_memory_open(&run, keeps, SLOTS, &src, &room);
        for (int step = 0; step < (much ? 1 : 3); step++) {
            CHECK(!tt_memory_reserve(&run, m, 2) && tt_memory_step(&run, m, 2, zeros, zeros));
        }
        CHECK(!tt_memory_step(&run, m, much ? 3 : 2, zeros, zeros) && run.failed == TT_EINTERNAL,
              "%d", run.failed);
        CHECK(!tt_memory_step(&run, m, 1, zeros, zeros) && tt_memory_reserve(&run, m, 1));
        tt_run_close(&run);
    }
}

static void check_bytes(void) {
    static const int lengths[] = {0, 1, 7, 100};
    for (int i = 0; i < 4; i++) {
        const int n = lengths[i], rows = 1 + i;
        const size_t cells = (size_t)(rows * usual(n)) * (KEY + VALUE + 2 * WORDS),
                     states = (size_t)rows * 2 * 2 * WIDTH;
        const size_t want = (cells + states + (size_t)n * (KEY + VALUE + 2 * WORDS)) * 4;
        CHECK(tt_memory_bytes(keeps, SLOTS, n, rows) == want, "%d tokens: %zu, not %zu", n,
              tt_memory_bytes(keeps, SLOTS, n, rows), want);
    }
}

int main(void) {
    tt_err e;
    CHECK(!tt_kernels_init(&kernels, NULL, &e));
    for (uint64_t turn = 0; turn < 40; turn += 4) check_search(100 + turn);
    check_full();
    check_bytes();
    return test_done("t_memory");
}
