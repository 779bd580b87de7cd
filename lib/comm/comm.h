/* comm.h: processes that work together: the ranks of a run that mpirun or srun has started.
 *
 *     tt_comm *c = tt_comm_open(&stop, e);  // at the start of a run with several ranks
 *     TT_TRY(tt_comm_sum(c, block, n, e));  // the same sum in all ranks, to the bit
 *     tt_comm_close(c, rc);
 *
 * There are two files of it: comm_mpi.c over MPI, which ttrans-mpi is linked with, and comm_one.c
 * for a process alone; the Makefile picks one. Every function but the asking ones is called by all
 * ranks in the same order, on one thread at a time.
 *
 * A rank that waits for another gives up when *stop is set and nothing has come for half a second:
 * mpirun tells so when a rank was lost. TT_EIO then, and the run cannot go on.
 */
#ifndef TT_COMM_COMM_H
#define TT_COMM_COMM_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

typedef struct tt_comm tt_comm;

/* Ranks that the environment tells of (OMPI_COMM_WORLD_SIZE, PMI_SIZE, or SLURM_NTASKS where Slurm
   speaks PMIx); 1: none. */
int tt_comm_launched(void);

/* Is this the program that has MPI? */
int tt_comm_has_mpi(void);

/* `stop` is borrowed. NULL on failure: TT_ECONFIG where there is no MPI. */
tt_comm *tt_comm_open(const volatile sig_atomic_t *stop, tt_err *e);

/* rc: how the run ended. A failure that the other ranks do not know of ends them, too. */
void tt_comm_close(tt_comm *c, int rc);

/* NULL: a process alone. */
int tt_comm_rank(const tt_comm *c);
int tt_comm_size(const tt_comm *c);

/* May a thread of its own work with c, while the first does not? */
bool tt_comm_moves(const tt_comm *c);

/* x (n): the sum over ranks as a balanced binary tree, ((0 + 1) + (2 + 3)) + …, which with tree.h
   makes a sum over shards independent of how they are dealt. The size must be a power of two. */
int tt_comm_sum(tt_comm *c, float *x, size_t n, tt_err *e);
int tt_comm_sum_double(tt_comm *c, double *x, size_t n, tt_err *e);

/* x becomes rank 0's. */
int tt_comm_same(tt_comm *c, void *x, size_t bytes, tt_err *e);

/* A failure anywhere is everybody's: the code of the first rank that has one, its message in *e. */
int tt_comm_agree(tt_comm *c, int rc, tt_err *e);

/* Bytes to a rank; from a rank, freed by the caller. */
int tt_comm_give(tt_comm *c, int to, const void *bytes, size_t n, tt_err *e);
int tt_comm_take(tt_comm *c, int from, char **bytes, size_t *n, tt_err *e);

#endif
