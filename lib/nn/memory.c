/* memory.c: see memory.h. Two sets of history lists take turns: a step writes its own from its
 * parents'.
 *
 * Cells of all places stand in front, as far as translations usually go. Those beyond are handed
 * out one after the other, and most of them are made only when a step needs them: memory for
 * translations without an end would be two thirds of all.
 */
#include "nn/memory.h"

#include <string.h>

/* What a slot keeps. */
struct slot {
    tt_keeping keep;
    size_t key_words, value_words; /* 4-byte words of a key, of a value */
    void *keys,
        *values; /* CELLS: (cells, words); ONCE: (N_src, words); STATE: keys (2, rows, width) */
    const float *start; /* STATE: (B, width), or NULL */
    const int32_t *off; /* ONCE: (B+1) rows of sentences; NULL: src_off */
    int32_t *first, *n; /* ONCE, with off: (max_rows) */
};

struct tt_memory {
    const tt_kernels *k;
    struct slot *slot; /* (slots) */
    int slots, max_rows, max_steps;
    bool celled;                      /* a slot keeps cells */
    const int32_t *parent, *sentence; /* of this step */
    int rows, step;                   /* of this step */
    const int32_t *src_off;           /* (B+1) */
    int sentences;
    const tt_capacity *room;               /* (B) */
    int32_t *near;                         /* (B): cells that a place owns */
    int32_t *first_cell;                   /* (B): the first of the sentence's first place */
    int32_t next_cell;                     /* the next behind those of all places */
    size_t cells, usual_cells, most_cells; /* made; as a rule enough; needed at most */
    int32_t *history[2];                   /* (max_rows, max_steps) */
    int32_t
        *begin[2]; /* (max_rows): the first cell of a history that is one run of cells, else -1 */
    const int32_t **lists;   /* (max_rows): into history; NULL for one run */
    int32_t *count;          /* (max_rows): cells a row reads, this step's included */
    int32_t *cell;           /* (max_rows): where its key and value go */
    int32_t *first, *length; /* (max_rows): its sentence's tokens */
    int32_t *position;       /* (max_rows) */
};

/* Steps that a translation of n tokens seldom needs more of. */
static int usual_steps(int n) { return n + n / 4 + 8; }

/* 4-byte words of `width` floats as they are kept. */
static size_t words_of(const tt_keeping *k, int width) {
    return k->heads ? (size_t)k->heads * TT_WORDS16(width / k->heads) : (size_t)width;
}

/* Adds up the room. */
static void count_cells(tt_memory *m) {
    size_t cells = 0;
    for (int b = 0; b < m->sentences; b++) {
        const tt_capacity *room = &m->room[b];
        int usual = usual_steps(m->src_off[b + 1] - m->src_off[b]);
        m->near[b] = usual < room->steps ? usual : room->steps;
        m->first_cell[b] = (int32_t)cells;
        cells += (size_t)room->rows * (size_t)m->near[b];
        m->max_rows += room->rows;
        if (room->steps > m->max_steps) m->max_steps = room->steps;
    }
    m->next_cell = (int32_t)cells;
    m->most_cells = cells;
    for (int b = 0; b < m->sentences; b++)
        m->most_cells += (size_t)m->room[b].rows * (size_t)(m->room[b].steps - m->near[b]);
    m->usual_cells = cells + cells / 8;
}

size_t tt_memory_bytes(const tt_keeping *keep, int slots, int n, int rows) {
    size_t words = 0;
    for (const tt_keeping *k = keep; k < keep + slots; k++) {
        const size_t pair = words_of(k, k->key) + words_of(k, k->value);
        switch (k->kind) {
        case TT_KEEP_CELLS: words += (size_t)rows * (size_t)usual_steps(n) * pair; break;
        case TT_KEEP_STATE: words += (size_t)rows * 2 * (size_t)k->key; break;
        case TT_KEEP_ONCE: words += (size_t)n * pair; break;
        default: break;
        }
    }
    return words * sizeof(float);
}

/* Memory of a slot that is there from the beginning. */
static void open_slot(tt_run *run, tt_memory *m, struct slot *s, const tt_keeping *keep) {
    *s = (struct slot){.keep = *keep,
                       .key_words = words_of(keep, keep->key),
                       .value_words = words_of(keep, keep->value)};
    const size_t tokens = (size_t)m->src_off[m->sentences], pair = s->key_words + s->value_words;
    if (keep->kind == TT_KEEP_CELLS) m->celled = true;
    if (keep->kind == TT_KEEP_STATE)
        s->keys = tt_run_alloc(run, 2 * (size_t)m->max_rows * (size_t)keep->key * sizeof(float));
    if (keep->kind == TT_KEEP_ONCE) {
        s->first = tt_run_alloc(run, 2 * (size_t)m->max_rows * sizeof *s->first);
        s->n = s->first + m->max_rows;
    }
    if (keep->kind == TT_KEEP_ONCE && keep->heads)
        s->keys = tt_run_alloc(run, tokens * pair * sizeof(uint32_t));
}

tt_memory *tt_memory_open(tt_run *run, const tt_keeping *keep, int slots, const tt_seqs *src,
                          const tt_capacity *room) {
    tt_memory *m = tt_run_alloc(run, sizeof *m);
    size_t sentences = (size_t)src->count;
    int32_t *near = tt_run_alloc(run, 2 * sentences * sizeof *near);
    if (!m || !near) return NULL;
    *m = (tt_memory){.k = run->k,
                     .slots = slots,
                     .step = -1,
                     .src_off = src->off,
                     .sentences = src->count,
                     .room = room,
                     .near = near,
                     .first_cell = near + sentences};
    count_cells(m);
    size_t n = (size_t)m->max_rows;
    m->slot = tt_run_alloc(run, (size_t)slots * sizeof *m->slot);
    for (int i = 0; m->slot && i < slots; i++) open_slot(run, m, &m->slot[i], &keep[i]);
    size_t listed = m->celled ? n : 0;
    m->history[0] = tt_run_alloc(run, listed * (size_t)m->max_steps * sizeof(int32_t));
    m->history[1] = tt_run_alloc(run, listed * (size_t)m->max_steps * sizeof(int32_t));
    m->lists = tt_run_alloc(run, n * sizeof *m->lists);
    m->count = tt_run_alloc(run, 7 * n * sizeof *m->count);
    if (run->failed) return NULL;
    m->cell = m->count + n;
    m->first = m->cell + n;
    m->length = m->first + n;
    m->position = m->length + n;
    m->begin[0] = m->position + n;
    m->begin[1] = m->begin[0] + n;
    return m;
}

/* A row of a key or value as it is kept. */
static void keep_row(const tt_memory *m, const tt_keeping *keep, void *to, const float *from,
                     int width) {
    if (keep->heads) m->k->keep16(to, from, keep->heads, width / keep->heads);
    else memcpy(to, from, (size_t)width * sizeof *from);
}

static const float *row_of(const tt_part *p, int r) {
    return p->of->data + (size_t)r * (size_t)p->of->cols + p->first;
}

void tt_memory_set_once(tt_memory *m, int slot, tt_part keys, tt_part values, const int32_t *off) {
    struct slot *s = &m->slot[slot];
    s->off = off == m->src_off ? NULL : off;
    if (!keys.of || !values.of) return;
    if (!s->keep.heads) { /* from row to row it is as far as the tensors say */
        s->keys = keys.of->data + keys.first;
        s->values = values.of->data + values.first;
        s->key_words = (size_t)keys.of->cols;
        s->value_words = (size_t)values.of->cols;
        return;
    }
    uint32_t *to = s->keys;
    const size_t pair = s->key_words + s->value_words;
    for (int r = 0; r < keys.of->rows; r++, to += pair) {
        keep_row(m, &s->keep, to, row_of(&keys, r), s->keep.key);
        keep_row(m, &s->keep, to + s->key_words, row_of(&values, r), s->keep.value);
    }
    s->values = (uint32_t *)s->keys + s->key_words;
    s->key_words = s->value_words = pair;
}

int tt_memory_steps(const tt_memory *m) { return m->step + 1; }

const int32_t *tt_memory_positions(const tt_memory *m) { return m->position; }

/* Row r's cell of this step is in place `place` of its sentence; and its history, from its
 * parent's. */
static void continue_history(tt_memory *m, int r, int32_t parent, int32_t sentence, int place) {
    const int32_t near = m->near[sentence], own = m->first_cell[sentence] + place * near;
    size_t steps = (size_t)m->max_steps, seen = (size_t)m->step, now = seen & 1, old = !now;
    const int32_t was = seen ? m->begin[old][parent] : own;
    m->cell[r] = m->step < near ? own + m->step : m->next_cell++;
    m->begin[now][r] = was == own && m->step < near ? own : -1;
    m->lists[r] = NULL;
    if (m->begin[now][r] >= 0) return;
    int32_t *list = m->history[now] + (size_t)r * steps;
    if (was < 0) memcpy(list, m->history[old] + (size_t)parent * steps, seen * sizeof *list);
    for (int32_t i = 0; was >= 0 && i < m->step; i++) list[i] = was + i;
    list[seen] = m->cell[r];
    m->lists[r] = list;
}

/* Memory for a slot's cells; those of the steps so far move there. */
static void make_cells(tt_run *run, tt_memory *m, struct slot *s, size_t before) {
    const size_t key = s->key_words * sizeof(float), value = s->value_words * sizeof(float);
    void *keys = tt_run_alloc(run, m->cells * key), *values = tt_run_alloc(run, m->cells * value);
    if (before && !run->failed) {
        memcpy(keys, s->keys, before * key);
        memcpy(values, s->values, before * value);
    }
    s->keys = keys;
    s->values = values;
}

int tt_memory_reserve(tt_run *run, tt_memory *m, int rows) {
    const size_t before = m->cells, used = (size_t)m->next_cell, need = used + (size_t)rows;
    if (run->failed || !m->celled || need <= before || before == m->most_cells) return run->failed;
    const size_t wish = before ? need + before / 2 : m->usual_cells;
    m->cells = wish < m->most_cells ? wish : m->most_cells;
    for (int i = 0; i < m->slots; i++)
        if (m->slot[i].keep.kind == TT_KEEP_CELLS)
            make_cells(run, m, &m->slot[i], before ? used : 0);
    return run->failed;
}

const int32_t *tt_memory_step(tt_run *run, tt_memory *m, int rows, const int32_t *parent,
                              const int32_t *sentence) {
    if (run->failed) return NULL;
    m->step++;
    m->rows = rows;
    m->parent = parent;
    m->sentence = sentence;
    int place = 0;
    for (int r = 0; r < rows && r < m->max_rows; r++) {
        int32_t b = sentence[r];
        place = r && sentence[r - 1] == b ? place + 1 : 0;
        if (place >= m->room[b].rows || m->step >= m->room[b].steps) rows = m->max_rows + 1;
        else if (m->celled) continue_history(m, r, parent[r], b, place);
        m->count[r] = m->step + 1;
        m->position[r] = m->step;
        m->first[r] = m->src_off[b];
        m->length[r] = m->src_off[b + 1] - m->first[r];
    }
    if (rows <= m->max_rows && (!m->celled || (size_t)m->next_cell <= m->cells)) return m->position;
    run->failed = tt_fail(&run->err, TT_EINTERNAL, "decoding memory is full: %d rows at step %d",
                          m->rows, m->step);
    return NULL;
}

tt_reads tt_memory_history(const tt_memory *m, int slot) {
    const struct slot *s = &m->slot[slot];
    return (tt_reads){.k = s->keys,
                      .v = s->values,
                      .halved = s->keep.heads > 0,
                      .ld = (ptrdiff_t)s->key_words,
                      .v_ld = (ptrdiff_t)s->value_words,
                      .rows = m->lists,
                      .first = m->begin[m->step & 1],
                      .n = m->count};
}

tt_reads tt_memory_put(tt_memory *m, int slot, tt_part keys, tt_part values) {
    struct slot *s = &m->slot[slot];
    uint32_t *key = s->keys, *value = s->values;
    for (int r = 0; keys.of && values.of && r < m->rows; r++) {
        const size_t to = (size_t)m->cell[r];
        keep_row(m, &s->keep, key + to * s->key_words, row_of(&keys, r), s->keep.key);
        keep_row(m, &s->keep, value + to * s->value_words, row_of(&values, r), s->keep.value);
    }
    return tt_memory_history(m, slot);
}

tt_state_rows tt_memory_state(const tt_memory *m, int slot) {
    const struct slot *s = &m->slot[slot];
    size_t block = (size_t)m->max_rows * (size_t)s->keep.key;
    float *even = s->keys, *odd = even + block, *after = m->step & 1 ? odd : even;
    if (!m->step) return (tt_state_rows){s->start, after, m->sentence};
    return (tt_state_rows){after == odd ? even : odd, after, m->parent};
}

void tt_memory_start(tt_memory *m, int slot, const tt_tensor *state) {
    m->slot[slot].start = state ? state->data : NULL;
}

tt_reads tt_memory_once(const tt_memory *m, int slot) {
    const struct slot *s = &m->slot[slot];
    for (int r = 0; s->off && r < m->rows; r++) {
        s->first[r] = s->off[m->sentence[r]];
        s->n[r] = s->off[m->sentence[r] + 1] - s->first[r];
    }
    return (tt_reads){.k = s->keys,
                      .v = s->values,
                      .halved = s->keep.heads > 0,
                      .ld = (ptrdiff_t)s->key_words,
                      .v_ld = (ptrdiff_t)s->value_words,
                      .first = s->off ? s->first : m->first,
                      .n = s->off ? s->n : m->length,
                      .text = s->off ? m->length : NULL};
}
