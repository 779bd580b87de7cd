/* shim.c: a library to preload, in which the n-th call of a kind fails, counted from main.
 *
 *     FAULT=write:3 LD_PRELOAD=./shim.so ttrans …      the third write fails, as on a full disk
 *     FAULT=write:0 FAULT_COUNT=FILE …                 none fails; their number goes to FILE
 *     FAULT=write:3 FAULT_KILL=1 …                     before the third write the process is
 *       killed, as by kill -9
 *     FAULT=alloc:9 FAULT_PLANT=FILE …                 at the ninth allocation code as a stranger
 *       would plant it tries to get
 *                                                      out (plant.h); what it could do goes to FILE
 *
 * Kinds: alloc (malloc, calloc, realloc, and what C++ makes of them), map, read, write, sync, name
 * (rename, linkat), close, thread, nameless (open of a file without a name: from the n-th on, as on
 * file systems that have none). A failed close has closed, as the system's has.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static char kind[16];
static long at, report = -1;
static int kills, plants;

#include "plant.h"
static atomic_long calls;
static int (*real_main)(int, char **, char **);

static int fails(const char *what) {
    if (!at && report < 0) return 0;
    if (strcmp(what, kind) != 0 || atomic_fetch_add(&calls, 1) + 1 != at) return 0;
    if (plants) return try_to_leave(report), 0;
    if (kills)
        syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid),
                SIGKILL); /* the sandbox lets no more */
    return 1;
}

void *malloc(size_t n) { return fails("alloc") ? (errno = ENOMEM, NULL) : __libc_malloc(n); }
void *calloc(size_t n, size_t m) {
    return fails("alloc") ? (errno = ENOMEM, NULL) : __libc_calloc(n, m);
}
void *realloc(void *p, size_t n) {
    return fails("alloc") ? (errno = ENOMEM, NULL) : __libc_realloc(p, n);
}

void *mmap(void *p, size_t n, int prot, int flags, int fd, off_t offset) {
    if (fails("map")) return errno = ENOMEM, MAP_FAILED;
    return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, offset);
}

ssize_t read(int fd, void *to, size_t n) {
    return fails("read") ? (errno = EIO, -1) : syscall(SYS_read, fd, to, n);
}
ssize_t write(int fd, const void *from, size_t n) {
    if (fd == STDERR_FILENO || fd == report) return syscall(SYS_write, fd, from, n);
    return fails("write") ? (errno = ENOSPC, -1) : syscall(SYS_write, fd, from, n);
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t offset) {
    return fails("write") ? (errno = ENOSPC, -1) : syscall(SYS_pwrite64, fd, from, n, offset);
}
int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = va_arg(more, int);
    va_end(more);
    if ((flags & O_TMPFILE) == O_TMPFILE && at && !strcmp(kind, "nameless") &&
        atomic_fetch_add(&calls, 1) + 1 >= at)
        return errno = EOPNOTSUPP, -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int fsync(int fd) { return fails("sync") ? (errno = EIO, -1) : (int)syscall(SYS_fsync, fd); }
int rename(const char *from, const char *to) {
    return fails("name") ? (errno = EIO, -1)
                         : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    return fails("name") ? (errno = EIO, -1) : (int)syscall(SYS_linkat, a, from, b, to, flags);
}
int close(int fd) {
    int rc = (int)syscall(SYS_close, fd);
    return fails("close") ? (errno = EIO, -1) : rc;
}

int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x) {
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (fails("thread")) return EAGAIN;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(t, a, f, x);
}

static int begin(int argc, char **argv, char **env) {
    const char *what = getenv("FAULT"), *to = getenv("FAULT_COUNT");
    unsetenv("LD_PRELOAD");
    if (to) report = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    atomic_store(&calls, 0);
    kills = getenv("FAULT_KILL") != NULL;
    plants = getenv("FAULT_PLANT") != NULL;
    if (plants)
        report = open(getenv("FAULT_PLANT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (what && sscanf(what, "%15[a-z]:%ld", kind, &at) != 2) at = 0;
    return real_main(argc, argv, env);
}

__attribute__((destructor)) static void end(void) {
    char text[24];
    int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
    if (report >= 0 && !plants) syscall(SYS_write, report, text, (size_t)n);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader)(void), void *stack) {
    int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                void (*)(void), void *);
    *(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return real(begin, argc, argv, init, fini, loader, stack);
}
