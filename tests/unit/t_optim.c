/* t_optim.c: every optimiser against numbers that another program made: p = 1 and eight gradients,
 * or six weights as a matrix (2, 3) or a vector, with the formulas of the papers in 64 bits. A row
 * of the family without such numbers fails.
 */
#include <math.h>
#include <string.h>

#include "train/optim.h"
#include "unit/test.h"

enum { ONE, MATRIX, VECTOR };
enum { UPDATES = 8, MOST = 8 };

static const double gradients[UPDATES] = {.5, -.3, .2, .1, -.4, .6, .05, -.2};
static const double rate = 0.01;

/* ONE: p after each update. Else the six weights 1, 1.1 … 1.5 after so many updates, the gradient
   of weight i at update t being (i+1) gradients[(t+3i) mod 8]. */
static const struct golden {
    const char *optimizer;
    double decay, epsilon;
    int kind, updates;
    double p[MOST];
} goldens[] = {
    {"adam",
     0,
     1e-9,
     ONE,
     8,
     {0.990000000, 0.988080678, 0.984587845, 0.980811166, 0.981097070, 0.978012686, 0.975044093,
      0.973496609}},
    {"adamw",
     0.1,
     1e-9,
     ONE,
     8,
     {0.989000000, 0.986091678, 0.981612753, 0.976854462, 0.976163511, 0.972102963, 0.968162267,
      0.965646621}},
    {"radam",
     0,
     1e-9,
     ONE,
     8,
     {0.995000000, 0.994210526, 0.992974364, 0.991806873, 0.991901254, 0.991544936, 0.991108889,
      0.990839766}},
    {"rmsprop",
     0,
     1e-8,
     ONE,
     8,
     {0.900000020, 0.951639789, 0.918941761, 0.902727807, 0.957334104, 0.893777574, 0.888462040,
      0.909359482}},
    {"rmsprop:momentum=0.9",
     0,
     1e-8,
     ONE,
     8,
     {0.900000020, 0.861639807, 0.794417588, 0.717703635, 0.703267375, 0.626718212, 0.552508430,
      0.506617069}},
    {"sgd",
     0,
     1e-9,
     ONE,
     8,
     {0.995000000, 0.998000000, 0.996000000, 0.995000000, 0.999000000, 0.993000000, 0.992500000,
      0.994500000}},
    {"sgd:momentum=0.9",
     0,
     1e-9,
     ONE,
     8,
     {0.995000000, 0.993500000, 0.990150000, 0.986135000, 0.986521500, 0.980869350, 0.975282415,
      0.972254174}},
    {"sgd:momentum=0.9,nesterov=yes",
     0,
     1e-9,
     ONE,
     8,
     {0.990500000, 0.992150000, 0.987135000, 0.982521500, 0.986869350, 0.975782415, 0.970254174,
      0.969528756}},
    {"lamb",
     0,
     1e-9,
     MATRIX,
     1,
     {0.987383873, 1.087383873, 1.187383873, 1.312616127, 1.412616127, 1.512616127}},
    {"lamb",
     0,
     1e-9,
     MATRIX,
     8,
     {0.903755529, 1.036306584, 1.152386997, 1.294049438, 1.341462741, 1.453557460}},
    {"lamb",
     0.1,
     1e-9,
     MATRIX,
     8,
     {0.900140099, 1.026917615, 1.136557812, 1.269553232, 1.325854920, 1.429050009}},
    {"adafactor",
     0,
     1e-9,
     MATRIX,
     1,
     {0.978357650, 1.094400915, 1.193020552, 1.311069970, 1.411932951, 1.511899860}},
    {"adafactor",
     0,
     1e-9,
     MATRIX,
     8,
     {0.979519636, 1.084688019, 1.176633977, 1.282791426, 1.387630161, 1.491322287}},
    {"adafactor",
     0,
     1e-9,
     VECTOR,
     8,
     {0.986868167, 1.077930741, 1.179115673, 1.285239434, 1.388344115, 1.491122705}},
    {"adafactor:relative=no",
     0,
     1e-9,
     MATRIX,
     8,
     {0.983696361, 1.087797298, 1.181467151, 1.286372988, 1.390222587, 1.493080206}},
    {"adafactor:clip=0.5",
     0,
     1e-9,
     MATRIX,
     8,
     {0.988955291, 1.091364166, 1.188960599, 1.293072871, 1.394534098, 1.495298735}},
    {"muon",
     0,
     1e-9,
     MATRIX,
     8,
     {0.997917609, 1.094782693, 1.191118107, 1.297049772, 1.395476480, 1.499737584}},
};
enum { GOLDENS = sizeof goldens / sizeof goldens[0] };

struct block {
    float p[MOST], g[MOST], state[TT_OPTIM_STATES][2 * MOST];
    float *at[TT_OPTIM_STATES];
};

static int shape(int kind, int *rows, int *cols) {
    *rows = kind == MATRIX ? 2 : 1;
    *cols = kind == MATRIX ? 3 : kind == VECTOR ? 6 : 1;
    return *rows * *cols;
}

static void check_golden(const struct golden *x, const tt_kernels *k, tt_run *run) {
    tt_pick pick;
    tt_err e = {0};
    struct block b = {0};
    int rows, cols, n = shape(x->kind, &rows, &cols);
    CHECK(!tt_pick_read(&pick, &tt_family_optimizer, x->optimizer, &e), "%s", e.msg);
    const tt_optimizer *o = (const tt_optimizer *)pick.row;
    for (int i = 0; i < TT_OPTIM_STATES; i++)
        b.at[i] = tt_optimizer_state(o, pick.set, i, rows, cols) ? b.state[i] : NULL;
    for (int i = 0; i < n; i++) b.p[i] = (float)(1 + 0.1 * i);
    for (int t = 0; t < x->updates; t++) {
        /* The gradient comes summed over 40 tokens. */
        tt_step s = {.number = t + 1,
                     .rate = rate,
                     .scale = 1.0 / 40,
                     .beta1 = 0.9,
                     .beta2 = 0.98,
                     .epsilon = x->epsilon,
                     .decay = x->decay,
                     .set = pick.set};
        for (int i = 0; i < n; i++)
            b.g[i] = (float)(40 * (i + 1) * gradients[(t + 3 * i) % UPDATES]);
        if (o->tensor) o->tensor(run, &s, b.p, b.g, b.at, rows, cols);
        else if (o->matrix && x->kind == MATRIX) o->matrix(run, &s, b.p, b.g, b.at, rows, cols);
        else o->piece(k, &s, b.p, b.g, b.at, (size_t)n);
        CHECK(!tt_run_reset(run, &e), "%s", e.msg);
        if (x->kind == ONE)
            CHECK(fabs(b.p[0] - x->p[t]) < 3e-7, "%s, update %d: %.8f, expected %.8f", x->optimizer,
                  t + 1, (double)b.p[0], x->p[t]);
    }
    for (int i = 0; i < n && x->kind != ONE; i++)
        CHECK(fabs(b.p[i] - x->p[i]) < 1e-6, "%s, weight %d: %.8f, expected %.8f", x->optimizer, i,
              (double)b.p[i], x->p[i]);
}

/* All rows have a golden; and the same bits whatever the instruction set. */
static void check_rows(const tt_kernels *c, const tt_kernels *best, tt_run *plain, tt_run *fast) {
    const tt_row *row;
    for (int r = 0; (row = tt_family_optimizer.row(r)) != NULL; r++) {
        const tt_optimizer *o = (const tt_optimizer *)row;
        int found = 0;
        for (int i = 0; i < GOLDENS; i++)
            found |= !strncmp(goldens[i].optimizer, row->name, strcspn(goldens[i].optimizer, ":"));
        CHECK(found, "%s has no golden numbers", row->name);
        CHECK((o->piece || o->tensor) && (o->state || o->blocks <= TT_OPTIM_STATES), "%s",
              row->name);
        enum { N = 7 * 33 };
        static float p[2][N], g[N], state[2][TT_OPTIM_STATES][N];
        tt_pick pick;
        tt_err e = {0};
        CHECK(!tt_pick_read(&pick, &tt_family_optimizer, row->name, &e), "%s", e.msg);
        memset(state, 0, sizeof state);
        for (int i = 0; i < N; i++)
            p[0][i] = p[1][i] = sinf((float)i), g[i] = cosf(1.7f * (float)i);
        for (int t = 1; t < 9; t++) {
            tt_step s = {.number = t,
                         .rate = rate,
                         .scale = 0.3,
                         .beta1 = 0.9,
                         .beta2 = 0.98,
                         .epsilon = 1e-9,
                         .decay = 0.01,
                         .set = pick.set};
            for (int v = 0; v < 2; v++) {
                float *at[TT_OPTIM_STATES] = {state[v][0], state[v][1]};
                tt_run *run = v ? fast : plain;
                if (o->tensor) o->tensor(run, &s, p[v], g, at, 7, 33);
                else if (o->matrix) o->matrix(run, &s, p[v], g, at, 7, 33);
                else o->piece(v ? best : c, &s, p[v], g, at, N);
                CHECK(!tt_run_reset(run, &e), "%s", e.msg);
            }
        }
        CHECK(!memcmp(p[0], p[1], sizeof p[0]) && !memcmp(state[0], state[1], sizeof state[0]),
              "%s differs on %s", row->name, best->name);
    }
}

static void check_refusals(void) {
    tt_train_options o;
    tt_pick pick;
    tt_err e = {0};
    tt_train_defaults(&o);
    CHECK(!tt_pick_read(&pick, &tt_family_optimizer, "radam", &e), "%s", e.msg);
    const tt_optimizer *radam = (const tt_optimizer *)pick.row;
    CHECK(!radam->check(&o, &e) && radam->warms_up, "%s", e.msg);
    o.beta2 = 0.66;
    CHECK(radam->check(&o, &e) == TT_ECONFIG && strstr(e.msg, "--beta2 above 2/3"), "%s", e.msg);
}

/* Adafactor keeps rows + columns of a matrix; sgd keeps nothing without momentum. */
static void check_memory(void) {
    static const struct {
        const char *optimizer;
        size_t matrix[2], vector[2];
    } sizes[] = {
        {"adam", {3000, 3000}, {50, 50}}, {"adafactor", {110, 0}, {50, 0}},
        {"sgd", {0, 0}, {0, 0}},          {"sgd:momentum=0.5", {3000, 0}, {50, 0}},
        {"rmsprop", {3000, 0}, {50, 0}},  {"rmsprop:momentum=0.1", {3000, 3000}, {50, 50}}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tt_pick pick;
        tt_err e = {0};
        CHECK(!tt_pick_read(&pick, &tt_family_optimizer, sizes[i].optimizer, &e), "%s", e.msg);
        for (int block = 0; block < 2; block++) {
            const tt_optimizer *o = (const tt_optimizer *)pick.row;
            CHECK(tt_optimizer_state(o, pick.set, block, 60, 50) == sizes[i].matrix[block],
                  "%s, block %d", sizes[i].optimizer, block);
            CHECK(tt_optimizer_state(o, pick.set, block, 1, 50) == sizes[i].vector[block],
                  "%s, block %d", sizes[i].optimizer, block);
        }
    }
}

int main(void) {
    tt_kernels c, best;
    tt_run plain, fast;
    tt_err e = {0};
    CHECK(!tt_kernels_init(&c, "c", &e) && !tt_kernels_init(&best, NULL, &e), "%s", e.msg);
    CHECK(!tt_run_open(&plain, &c, 0, &e) && !tt_run_open(&fast, &best, 0, &e), "%s", e.msg);
    for (int i = 0; i < GOLDENS; i++) check_golden(&goldens[i], &best, &fast);
    check_rows(&c, &best, &plain, &fast);
    check_refusals();
    check_memory();
    tt_run_close(&plain);
    tt_run_close(&fast);
    return test_done("t_optim");
}
