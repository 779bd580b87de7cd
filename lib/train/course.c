/* course.c: see course.h. */
#include "train/course.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct tt_course {
    const tt_stages *s; /* borrowed, as is the batcher */
    tt_batcher *batcher;
    tt_modify *modify[TT_STAGES]; /* owned; NULL: the stage changes nothing */
    uint64_t from[TT_STAGE_TEXTS];
};

tt_course *tt_course_open(const tt_stages *s, tt_batcher *b, const char *modifiers, tt_err *e) {
    tt_course *c = calloc(1, sizeof *c);
    if (!c) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    c->s = s;
    c->batcher = b;
    for (int i = 0; i < s->stages; i++) {
        const char *rows = s->stage[i].modifiers ? s->stage[i].modifiers : modifiers;
        if (!*rows || (c->modify[i] = tt_modify_open(rows, e)) != NULL) continue;
        tt_course_close(c);
        return NULL;
    }
    return c;
}

void tt_course_close(tt_course *c) {
    for (int i = 0; c && i < c->s->stages; i++) tt_modify_close(c->modify[i]);
    free(c);
}

uint64_t tt_course_hash(const tt_course *c) {
    uint64_t h = 0;
    for (int i = 0; i < c->s->stages; i++)
        if (c->modify[i] && tt_modify_hash(c->modify[i]))
            h = tt_key(h, tt_modify_hash(c->modify[i]));
    return h;
}

static int follow(tt_course *c, tt_state *s, tt_err *e) {
    for (int i = 0; i < c->s->texts; i++) c->from[i] = (uint64_t)s->drawn[i];
    const tt_recipe r = {c->modify[s->stage], c->s->stage[s->stage].share, c->from};
    int rc = tt_batcher_follow(c->batcher, &r, e);
    return rc ? tt_err_context(e, "stage %s", c->s->stage[s->stage].name) : 0;
}

int tt_course_begin(tt_course *c, tt_state *s, tt_err *e) {
    if (s->stage >= c->s->stages)
        return tt_fail(e, TT_ECONFIG, "the run is in stage %ld, and the file has %d", s->stage + 1,
                       c->s->stages);
    TT_TRY(follow(c, s, e));
    return tt_batcher_seek(c->batcher, (uint64_t)s->epoch, (size_t)s->index, e);
}

/* The part of a rule that is fulfilled. */
static double part_of(const tt_course *c, const tt_state *s, const tt_until *u) {
    switch (u->unit) {
    case 'u': return (double)(s->update - s->stage_update) / u->n;
    case 't': return (double)(s->tokens - s->stage_tokens) / u->n;
    case 'e': return (s->epochs - s->stage_epochs) / u->n;
    case 's': return (s->elapsed - s->stage_elapsed) / u->n;
    case 'v': return (double)s->stage_stall / u->n;
    default: return tt_batcher_passes(c->batcher, u->text) / u->n;
    }
}

/* The part of the stage at hand that is over: of the rule that is nearest to its end. */
static double stage_part(const tt_course *c, const tt_state *s) {
    const tt_stage *stage = &c->s->stage[s->stage];
    double most = 0;
    for (int i = 0; i < stage->rules; i++) most = fmax(most, part_of(c, s, &stage->until[i]));
    return most;
}

bool tt_course_over(const tt_course *c, const tt_state *s) {
    return s->stage + 1 == c->s->stages && stage_part(c, s) >= 1.0;
}

int tt_course_step(tt_course *c, tt_state *s, const char **name, tt_err *e) {
    *name = NULL;
    if (s->stage + 1 >= c->s->stages || stage_part(c, s) < 1.0) return 0;
    for (int i = 0; i < c->s->texts; i++) s->drawn[i] = (long)tt_batcher_drawn(c->batcher, i);
    s->stage++;
    s->stage_update = s->update;
    s->stage_tokens = s->tokens;
    s->stage_epochs = s->epochs;
    s->stage_elapsed = s->elapsed;
    s->stage_stall = 0;
    s->epoch = s->index = 0;
    if (c->s->stage[s->stage].restart) {
        s->restart_update = s->update;
        s->restart_tokens = s->tokens;
        s->restart_epochs = s->epochs;
        s->drops = s->stall_drop = 0;
    }
    *name = c->s->stage[s->stage].name;
    return follow(c, s, e);
}

/* The stage of the last restart, 0 where there was none. */
static int restart_stage(const tt_course *c, const tt_state *s) {
    int i = (int)s->stage;
    while (i > 0 && !c->s->stage[i].restart) i--;
    return i;
}

int tt_course_restarted(const tt_course *c, const tt_state *s) {
    for (int i = 0; i <= s->stage; i++)
        if (i && c->s->stage[i].restart) return 1;
    return 0;
}

double tt_course_done(const tt_course *c, const tt_state *s, int since_restart) {
    const int first = since_restart ? restart_stage(c, s) : 0;
    int end = (int)s->stage + 1;
    while (end < c->s->stages && !(since_restart && c->s->stage[end].restart)) end++;
    if (!c->s->stage[end - 1].rules) return 0;
    return ((double)(s->stage - first) + fmin(1.0, stage_part(c, s))) / (double)(end - first);
}

double tt_course_since(const tt_course *c, const tt_state *s, char unit, double n) {
    (void)c;
    return n - (unit == 'e'   ? s->restart_epochs
                : unit == 't' ? (double)s->restart_tokens
                              : (double)s->restart_update);
}

double tt_course_rate(const tt_course *c, const tt_state *s) { return c->s->stage[s->stage].rate; }
