/* t_lock.c: a lock has one holder, ends with its process, and follows no link. */
#include "io/lock.h"
#include "unit/test.h"
#include "unit/tiny.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit status of a process that asks for the lock: 0 where another holds it. */
static int ask_beside(const char *path) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        tt_err e = {0};
        bool refused =
            !tt_lock_take(path, &e) && e.code == TT_ECREATE && strstr(e.msg, "another process");
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool die_holding(const char *path) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        tt_err e = {0};
        if (tt_lock_take(path, &e)) raise(SIGKILL);
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status);
}

int main(void) {
    tt_err e = {0};
    struct stat st;
    char path[512], other[512];
    snprintf(path, sizeof path, "%s", tiny_path("held.lock"));
    snprintf(other, sizeof other, "%s", tiny_file("precious", "mine", 4));
    CHECK(die_holding(path), "a killed process held the lock");
    tt_lock *l = tt_lock_take(path, &e);
    CHECK(l != NULL, "a lock ends with its process: %s", e.msg);
    CHECK(ask_beside(path) == 0, "one holds it");
    tt_lock_drop(l);
    CHECK(stat(path, &st) != 0, "and its file is gone");
    CHECK(!symlink(other, path) && !tt_lock_take(path, &e) && e.code == TT_ECREATE, "%s", e.msg);
    CHECK(!unlink(path) && !stat(other, &st) && st.st_size == 4, "a link is not followed");
    CHECK(!tt_lock_take(tiny_path("nowhere/x.lock"), &e) && e.code == TT_ECREATE, "%s", e.msg);
    tt_lock_drop(NULL);
    return test_done("t_lock");
}
