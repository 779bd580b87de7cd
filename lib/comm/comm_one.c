/* comm_one.c: a process alone, where there is no MPI; see comm.h. */
#include "comm/comm.h"

int tt_comm_has_mpi(void) { return 0; }

tt_comm *tt_comm_open(const volatile sig_atomic_t *stop, tt_err *e) {
    (void)stop;
    tt_fail(e, TT_ECONFIG, "this program was built without MPI; make it where mpicc is");
    return NULL;
}

void tt_comm_close(tt_comm *c, int rc) { (void)c, (void)rc; }

bool tt_comm_moves(const tt_comm *c) { return (void)c, false; }

int tt_comm_rank(const tt_comm *c) { return (void)c, 0; }
int tt_comm_size(const tt_comm *c) { return (void)c, 1; }

int tt_comm_sum(tt_comm *c, float *x, size_t n, tt_err *e) {
    return (void)c, (void)x, (void)n, (void)e, 0;
}

int tt_comm_sum_double(tt_comm *c, double *x, size_t n, tt_err *e) {
    return (void)c, (void)x, (void)n, (void)e, 0;
}

int tt_comm_same(tt_comm *c, void *x, size_t bytes, tt_err *e) {
    return (void)c, (void)x, (void)bytes, (void)e, 0;
}

int tt_comm_agree(tt_comm *c, int rc, tt_err *e) { return (void)c, (void)e, rc; }

int tt_comm_give(tt_comm *c, int to, const void *bytes, size_t n, tt_err *e) {
    (void)c, (void)to, (void)bytes, (void)n;
    return tt_fail(e, TT_EINTERNAL, "a process alone has nobody to give to");
}

int tt_comm_take(tt_comm *c, int from, char **bytes, size_t *n, tt_err *e) {
    (void)c, (void)from, (void)bytes, (void)n;
    return tt_fail(e, TT_EINTERNAL, "a process alone has nobody to take from");
}
