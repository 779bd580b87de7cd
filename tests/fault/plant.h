/* plant.h: what code that came with a model would try, by system calls alone, and how each went:
 * "NAME: did" or "NAME: refused", a line each, to a descriptor that was open before. The files
 * precious and a folder elsewhere are not named to the program.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void say(int to, const char *what, int did) {
    char line[80];
    int n = snprintf(line, sizeof line, "%s: %s\n", what, did ? "did" : "refused");
    syscall(SYS_write, to, line, (size_t)n);
}

static void try_to_leave(int to) {
    const int kept = errno;
    int fd;
    char *const arguments[] = {"true", NULL}, *const none[] = {NULL};
    say(to, "read /etc/passwd",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0)) >= 0);
    say(to, "read a file beside",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "elsewhere/precious", O_RDONLY, 0)) >= 0);
    say(to, "write a file beside",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "elsewhere/precious", O_WRONLY, 0)) >= 0);
    say(to, "empty a file beside", syscall(SYS_truncate, "elsewhere/precious", 0) == 0);
    say(to, "make a file",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "elsewhere/new", O_WRONLY | O_CREAT, 0666)) >= 0);
    say(to, "make a link", syscall(SYS_symlinkat, "/etc/passwd", AT_FDCWD, "elsewhere/link") == 0);
    say(to, "rename a file",
        syscall(SYS_renameat2, AT_FDCWD, "elsewhere/precious", AT_FDCWD, "elsewhere/gone", 0) == 0);
    say(to, "remove a file", syscall(SYS_unlinkat, AT_FDCWD, "elsewhere/precious", 0) == 0);
    say(to, "make a folder", syscall(SYS_mkdirat, AT_FDCWD, "elsewhere/folder", 0777) == 0);
    say(to, "list a folder",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0)) >= 0);
    say(to, "change a mode", syscall(SYS_fchmodat, AT_FDCWD, "elsewhere/precious", 0777) == 0);
    say(to, "write /proc/self/mem",
        (fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR, 0)) >= 0);
    say(to, "open a socket", (fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 0)) >= 0);
    say(to, "open a local socket", (fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0)) >= 0);
    say(to, "signal the parent", syscall(SYS_kill, getppid(), 0) == 0);
    say(to, "trace the parent", syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) == 0);
    say(to, "type into the terminal", ioctl(0, TIOCSTI, "x") == 0 || errno != EPERM);
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) syscall(SYS_exit, 0);
    say(to, "make a process", child > 0);
    say(to, "begin a program",
        syscall(SYS_execve, "/nowhere/true", arguments, none) == 0 || errno != EPERM);
    errno = kept;
}
