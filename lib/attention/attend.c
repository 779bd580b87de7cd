/* attend.c: the three families of attention, and what a triple of rows needs; see attend.h. */
#include "attention/groups.h"

#define ENTRY(name) &tt_align_##name,
static const tt_align *const aligns[] = {TT_ALIGNS(ENTRY)};
#undef ENTRY
#define ENTRY(name) &tt_dist_##name,
static const tt_dist *const dists[] = {TT_DISTS(ENTRY)};
#undef ENTRY
#define ENTRY(name) &tt_reach_##name,
static const tt_reach *const reaches[] = {TT_REACHES(ENTRY)};
#undef ENTRY

#define ROW_AT(rows, i)                                                                            \
    ((i) >= 0 && (size_t)(i) < sizeof(rows) / sizeof *(rows) ? &(rows)[i]->r.row : NULL)
static const tt_row *align_at(int i) { return ROW_AT(aligns, i); }
static const tt_row *dist_at(int i) { return ROW_AT(dists, i); }
static const tt_row *reach_at(int i) { return ROW_AT(reaches, i); }

const tt_family tt_family_align = {"align", "how a query and a key are scored", align_at};
const tt_family tt_family_distribution = {"distribution", "how scores become weights", dist_at};
const tt_family tt_family_reach = {"reach", "which keys a query sees", reach_at};

/* Triples with a text of their own: tt_op_attend and tt_op_attend_rows. */
static const struct {
    const tt_align *align;
    const tt_dist *dist;
    const tt_reach *reach;
} fused[] = {{&tt_align_scaled_dot, &tt_dist_softmax, &tt_reach_global}};

static const tt_row maps[] = {
    {"weights", "weights as they multiply the values", NULL, NULL},
    {"scores", "products of a query and a key", NULL, NULL},
    {"scaled", "scores as they become weights", NULL, NULL},
    {"centre", "the place that a query looks around", NULL, NULL},
    {"span", "how far a query looks", NULL, NULL},
};
static const tt_row *map_at(int i) { return i >= 0 && i <= TT_TELL_SPAN ? &maps[i] : NULL; }
const tt_family tt_family_map = {"map", "what the numbers of an attention map are", map_at};

bool tt_attend_is_fused(const tt_attend *a) {
    for (size_t i = 0; i < sizeof fused / sizeof *fused; i++)
        if (tt_align_of(a) == fused[i].align && tt_dist_of(a) == fused[i].dist &&
            tt_reach_of(a) == fused[i].reach)
            return true;
    return false;
}

bool tt_attend_fades(const tt_attend *a) {
    const tt_reach *reach = tt_reach_of(a);
    return reach->fade && (!reach->fades || reach->fades(a));
}

bool tt_attend_is_probability(const tt_attend *a) {
    return tt_dist_of(a)->is_probability && !tt_attend_fades(a) && !tt_reach_of(a)->mix;
}

bool tt_attend_is_numbered(const tt_attend *a) {
    return (tt_reach_of(a)->numbered && tt_reach_of(a)->numbered(a)) ||
           (a->place && a->place->numbered);
}

static int check_site(const tt_attend *a, const tt_pick *p, const tt_family *f, tt_err *e) {
    static const char *const names[TT_SITES] = {"the encoder's self-attention",
                                                "the decoder's self-attention", "cross-attention"};
    const tt_attend_row *r = (const tt_attend_row *)p->row;
    if (r->sites >> a->site & 1) return 0;
    return tt_fail(e, TT_ECONFIG,
                   "%s %s cannot stand in %s; take another there, '%s list %s' tells them", f->name,
                   p->row->name, names[a->site], "ttrans", f->name);
}

int tt_attend_check(const tt_attend *a, tt_err *e) {
    TT_TRY(check_site(a, &a->align, &tt_family_align, e));
    TT_TRY(check_site(a, &a->dist, &tt_family_distribution, e));
    TT_TRY(check_site(a, &a->reach, &tt_family_reach, e));
    if (tt_align_of(a)->dist && a->dist.row != &tt_dist_softmax.r.row)
        return tt_fail(e, TT_ECONFIG,
                       "align %s brings its own weights; leave distribution %s out there",
                       a->align.row->name, a->dist.row->name);
    if (a->place && a->place->bias && tt_reach_of(a)->mix)
        return tt_fail(e, TT_ECONFIG,
                       "positions %s add to scores of distances, and reach %s looks at mixtures, "
                       "which have none; take another of the two",
                       a->place->row.name, a->reach.row->name);
    if (tt_align_of(a)->dist && tt_reach_of(a) != &tt_reach_global && !tt_reach_of(a)->mix)
        return tt_fail(e, TT_ECONFIG,
                       "align %s sums over all keys; take reach global there, not %s, or another "
                       "align",
                       a->align.row->name, a->reach.row->name);
    if (a->place && a->place->bias && tt_align_of(a)->dist)
        return tt_fail(e, TT_ECONFIG,
                       "positions %s add to scores, and align %s has none; take another of the two",
                       a->place->row.name, a->align.row->name);
    if (a->place && a->place->turns && a->width % 2)
        return tt_fail(e, TT_ECONFIG,
                       "positions %s turn pairs of numbers, and a head has %d; take another --dim "
                       "or --heads",
                       a->place->row.name, a->width);
    if (tt_reach_of(a)->bend &&
        tt_dist_of(a) != &tt_dist_softmax) /* an alignment's own is none either */
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for distribution softmax, not %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    if (tt_reach_of(a)->mix && (a->align.row == &tt_align_location.r.row || tt_align_of(a)->dist))
        return tt_fail(e, TT_ECONFIG,
                       "reach %s looks at mixtures of keys, which align %s cannot score; take "
                       "another of the two",
                       a->reach.row->name, a->align.row->name);
    if (tt_reach_of(a)->mix && tt_dist_of(a)->draws)
        return tt_fail(
            e, TT_ECONFIG,
            "reach %s looks at mixtures, and distribution %s takes one key; take another "
            "of the two",
            a->reach.row->name, a->dist.row->name);
    const bool sigmoid = tt_dist_of(a) == &tt_dist_sigmoid; /* sums to anything, faded or not */
    if (tt_attend_fades(a) && (tt_dist_of(a)->draws || !(tt_dist_of(a)->is_probability || sigmoid)))
        return tt_fail(e, TT_ECONFIG,
                       "reach %s is for weights that sum to 1, not for %s; take another of the two",
                       a->reach.row->name, a->dist.row->name);
    if (tt_dist_of(a)->reads_keys &&
        (tt_align_of(a) != &tt_align_scaled_dot || tt_reach_of(a)->mix))
        return tt_fail(e, TT_ECONFIG,
                       "distribution %s reads queries and keys themselves; take align scaled-dot "
                       "and no mixtures, or another distribution than with %s, %s",
                       a->dist.row->name, a->align.row->name, a->reach.row->name);
    if (tt_align_of(a)->score_each && (tt_dist_of(a)->draws || !tt_dist_of(a)->is_probability))
        return tt_fail(e, TT_ECONFIG,
                       "align %s weighs each number by itself, with weights that sum to 1, not "
                       "with %s; take another of the two",
                       a->align.row->name, a->dist.row->name);
    return 0;
}

bool tt_attend_tells(const tt_attend *a, int told) {
    if (told == TT_TELL_WEIGHTS) return true;
    if (told == TT_TELL_SCORES || told == TT_TELL_SCALED)
        return !tt_align_of(a)->score_each && !tt_reach_of(a)->mix;
    return tt_reach_of(a)->tell && tt_reach_of(a)->tells == told;
}

int tt_attend_features(const tt_attend *a) { return tt_align_of(a)->score_each ? a->width : 0; }

bool tt_attend_draws(const tt_attend *a) { return tt_dist_of(a)->draws; }

bool tt_attend_needs_norm(const tt_attend *a) { return tt_dist_of(a)->needs_norm; }

void tt_attend_params(const tt_attend *a, tt_attend_par *par, tt_declare *d) {
    if (tt_align_of(a)->params) {
        const size_t at = tt_declare_enter(d, "align.");
        tt_align_of(a)->params(a, par->align, d);
        tt_declare_leave(d, at);
    }
    if (tt_dist_of(a)->params) {
        const size_t at = tt_declare_enter(d, "distribution.");
        tt_dist_of(a)->params(a, par->dist, d);
        tt_declare_leave(d, at);
    }
    if (tt_reach_of(a)->params) {
        const size_t at = tt_declare_enter(d, "reach.");
        tt_reach_of(a)->params(a, par->reach, d);
        tt_declare_leave(d, at);
    }
    if (a->place && a->place->params) {
        const size_t at = tt_declare_enter(d, "position.");
        a->place->params(a, par->place, d);
        tt_declare_leave(d, at);
    }
}

int tt_attend_key_width(const tt_attend *a) { return a->heads * tt_head_width(a); }

tt_part tt_attend_key(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part k,
                      const tt_key_rows *rows) {
    if (!tt_align_of(a)->key || !k.of) return k;
    if (!rows->off && !rows->before) return (tt_part){NULL, 0}; /* the run has failed */
    return (tt_part){tt_align_of(a)->key(run, a, par->align, k, rows), 0};
}

tt_part tt_attend_query(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q) {
    if (!tt_align_of(a)->query || !q.of) return q;
    return (tt_part){tt_align_of(a)->query(run, a, par->align, q), 0};
}

const int32_t *tt_attend_mix(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part *k,
                             tt_part *v, int count, const int32_t *off) {
    const tt_reach *reach = tt_reach_of(a);
    const int32_t *to = tt_attend_mixed(run, a, count, off);
    if (!to || to == off || !k->of || !v->of) return to;
    *k = (tt_part){reach->mix(run, a, par->reach, *k, false, count, off, to), 0};
    *v = (tt_part){reach->mix(run, a, par->reach, *v, true, count, off, to), 0};
    return to;
}

const int32_t *tt_attend_mixed(tt_run *run, const tt_attend *a, int count, const int32_t *off) {
    const tt_reach *reach = tt_reach_of(a);
    if (!reach->mix) return off;
    int32_t *to = tt_run_alloc(run, ((size_t)count + 1) * sizeof *to);
    if (to) to[0] = 0;
    for (int b = 0; to && b < count; b++)
        to[b + 1] = to[b] + reach->mixtures(a, off[b + 1] - off[b]);
    return to;
}

static void visit_features(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)t, (void)offset;
    *(bool *)ctx |= p->features;
}

bool tt_attend_has_features(const tt_attend *a) {
    bool any = false;
    tt_attend_par par;
    tt_attend_params(a, &par, &(tt_declare){.visit = visit_features, .ctx = &any});
    return any;
}
