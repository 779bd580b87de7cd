/* sandbox.h: from a certain moment on, the process has no files but those it named, no network and
 * no other programs.
 *
 *     const tt_sandbox_path paths[] = {{"model.ttm", TT_SANDBOX_READ}, {"out", TT_SANDBOX_WRITE}};
 *     int held = tt_sandbox_enter(paths, 2, 0);     // before threads are made
 *
 * What is open already stays so. Files are held by Landlock (Linux 5.13 and later), the rest by a
 * seccomp filter; where the kernel has one of them not, or forbids it, the process goes on without.
 */
#ifndef TT_BASE_SANDBOX_H
#define TT_BASE_SANDBOX_H

enum {
    TT_SANDBOX_READ,  /* a file, or a folder and what lies below it */
    TT_SANDBOX_WRITE, /* in a folder: making, writing, renaming, removing; not reading */
    TT_SANDBOX_BOTH   /* a folder for files that are read again */
};

typedef struct tt_sandbox_path {
    const char *path; /* what is not there is passed over */
    int how;
} tt_sandbox_path;

enum { TT_SANDBOX_FILES = 1, TT_SANDBOX_CALLS = 2 };

/* Which of the two now hold. It cannot be undone; what is called later inherits it. forks:
   processes of this same program may be made; they are held as this one is. */
int tt_sandbox_enter(const tt_sandbox_path *paths, int n, int forks);

#endif
