/* lock.h: a lock that one process holds at a time, on a file of its own. */
#ifndef TT_IO_LOCK_H
#define TT_IO_LOCK_H

#include "base/err.h"

/* Held until it is dropped or the process ends: the file at path is made and locked, never read or
   written. NULL: TT_ECREATE, another process holds it or it cannot be made (a link is not
   followed); TT_ENOMEM. */
typedef struct tt_lock tt_lock;
tt_lock *tt_lock_take(const char *path, tt_err *e);
void tt_lock_drop(tt_lock *l); /* removes the file; NULL is allowed */

#endif
