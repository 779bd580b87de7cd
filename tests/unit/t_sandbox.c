/* t_sandbox: what a process can no longer do once it is inside, tried from a thread of its own, as
 * code planted in a reader would; and what it still can.
 */
#include "base/sandbox.h"
#include "io/file.h"
#include "unit/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int held;
static const char *inside, *outside, *out;

/* Each try that succeeds and should not, or the other way round, sets a bit. */
static unsigned try_all(void) {
    unsigned bad = 0;
    int bit = 0, fd;
#define NOT(condition) bad |= (unsigned)((condition) != 0) << bit++;
#define CAN(condition) bad |= (unsigned)((condition) == 0) << bit++;
    tt_err e = {0};
    CAN((fd = open(inside, O_RDONLY)) >= 0 && !close(fd))
    tt_output *o = tt_output_open(out, TT_OUTPUT_ATOMIC, &e);
    CAN(o && !tt_output_write(o, "new", 3, &e) && !tt_output_finish(o, &e))
    o = tt_output_open(out, TT_OUTPUT_ATOMIC, &e); /* over an old one */
    CAN(o && !tt_output_finish(o, &e))
    if (held & TT_SANDBOX_FILES) {
        NOT(open(outside, O_RDONLY) >= 0 || errno != EACCES)
        NOT(open("/etc/passwd", O_RDONLY) >= 0)
        NOT(open(inside, O_WRONLY) >= 0)
        NOT(open(outside, O_WRONLY | O_TRUNC) >= 0)
        NOT(open("/proc/self/mem", O_RDWR) >= 0)
        NOT(!link(outside, out))
        NOT(!rename(outside, "elsewhere"))
        NOT(!unlink(outside))
        NOT(!symlink("/etc/passwd", "link"))
        NOT(!mkdir("folder", 0700))
    }
    if (held & TT_SANDBOX_CALLS) {
        char *const arguments[] = {(char *)(uintptr_t) "true", NULL};
        NOT(socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        NOT(socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        pid_t child = fork();
        if (child == 0) _exit(1);
        NOT(child > 0)
        NOT(execv("/bin/true", arguments) != -1 || errno != EPERM)
        NOT(!kill(getppid(), 0))
    }
    return bad;
}

static void *planted(void *bad) {
    *(unsigned *)bad = try_all();
    return NULL;
}

int main(void) {
    in_new_folder("t_sandbox");
    int p[2];
    CHECK(!pipe(p), "pipe");
    CHECK(!mkdir(PATH("out"), 0700), "mkdir");
    put(PATH("inside"), "x", 1);
    put(PATH("outside"), "x", 1);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char paths[4][4096];
        snprintf(paths[0], sizeof paths[0], "%s", PATH("inside"));
        snprintf(paths[1], sizeof paths[1], "%s", PATH("outside"));
        snprintf(paths[2], sizeof paths[2], "%s", PATH("out"));
        snprintf(paths[3], sizeof paths[3], "%s", PATH("out/file"));
        const tt_sandbox_path allowed[] = {{paths[0], TT_SANDBOX_READ},
                                           {paths[2], TT_SANDBOX_WRITE},
                                           {"not-there", TT_SANDBOX_READ}};
        inside = paths[0], outside = paths[1], out = paths[3];
        unsigned result[2] = {0, 0};
        held = tt_sandbox_enter(allowed, 3, 0);
        pthread_t thread;
        if (pthread_create(&thread, NULL, planted, &result[0])) result[0] = 1u << 31;
        else pthread_join(thread, NULL);
        result[1] = (unsigned)held;
        _exit(write(p[1], result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(p[1]);
    unsigned result[2] = {~0u, 0};
    CHECK(read(p[0], result, sizeof result) == sizeof result, "the child says what it could do");
    int status = -1;
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && !WEXITSTATUS(status), "status %d", status);
    CHECK(!result[0], "held %u: tries that went wrong %x", result[1], result[0]);
    CHECK(result[1] <= 3, "%u", result[1]);
    CHECK(!unlink(PATH("out/file")) && !rmdir(PATH("out")), "what was allowed was done");
    static const char *const names[] = {"inside", "outside"};
    in_the_end(names, 2);
    return test_done("t_sandbox");
}
