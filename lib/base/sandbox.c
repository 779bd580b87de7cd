/* sandbox.c: see sandbox.h. Numbers and structs are those of linux/landlock.h, which older systems
 * lack.
 */
#define _GNU_SOURCE
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- files --------------------------------------------------------------------------------- */

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 }; /* the same on all processors */

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    ALL_1 = (1 << 13) - 1, /* of version 1; then one more each: */
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15
};

struct ruleset {
    uint64_t files, net;
};

struct __attribute__((packed)) below {
    uint64_t allowed;
    int32_t parent;
};

static void allow(int rules, const tt_sandbox_path *p, uint64_t known) {
    static const uint64_t rights[] = {READ_FILE | READ_DIR,
                                      WRITE_FILE | TRUNCATE | READ_DIR | MAKE_REG |
                                          MAKE_DIR | REMOVE_FILE | REMOVE_DIR,
                                      READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_REG |
                                          MAKE_DIR | REMOVE_FILE | REMOVE_DIR};
    struct stat st;
    struct below b = {rights[p->how] & known, open(p->path, O_PATH | O_CLOEXEC)};
    if (b.parent < 0) return;
    if (!fstat(b.parent, &st) && !S_ISDIR(st.st_mode))
        b.allowed &= READ_FILE | WRITE_FILE | TRUNCATE;
    syscall(ADD_RULE, rules, 1 /* what is below a path */, &b, 0);
    close(b.parent);
}

static int hold_files(const tt_sandbox_path *paths, int n) {
    long version = syscall(CREATE_RULESET, NULL, (size_t)0, 1 /* ask for the version */);
    if (version < 1) return 0;
    struct ruleset r = {ALL_1, version >= 4 ? 3 : 0 /* TCP: bind, connect */};
    if (version >= 2) r.files |= REFER;
    if (version >= 3) r.files |= TRUNCATE;
    if (version >= 5) r.files |= IOCTL_DEV;
    int rules = (int)syscall(CREATE_RULESET, &r, version >= 4 ? sizeof r : sizeof r.files, 0);
    if (rules < 0) return 0;
    for (int i = 0; i < n; i++) allow(rules, &paths[i], r.files);
    int held = !syscall(RESTRICT_SELF, rules, 0);
    close(rules);
    return held ? TT_SANDBOX_FILES : 0;
}

/* ---- system calls -------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
#define ERROR(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define REFUSE(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), ERROR(EPERM)

/* No program is begun, no process but threads, unless it `forks`, no socket; nothing is done to other
 * processes or to the system. */
static int hold_calls(int forks) {
    const uint32_t fork_action = forks ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        ERROR(EPERM),
        LOAD(nr),
#ifdef __x86_64__
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), /* the same calls by other numbers */
        ERROR(EPERM),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, fork_action),
        REFUSE(SYS_vfork),
#endif
        REFUSE(SYS_execve),
        REFUSE(SYS_execveat),
        REFUSE(SYS_socket),
        REFUSE(SYS_socketpair),
        REFUSE(SYS_connect),
        REFUSE(SYS_bind),
        REFUSE(SYS_listen),
        REFUSE(SYS_ptrace),
        REFUSE(SYS_process_vm_readv),
        REFUSE(SYS_process_vm_writev),
        REFUSE(SYS_kill),
        REFUSE(SYS_mount),
        REFUSE(SYS_umount2),
        REFUSE(SYS_pivot_root),
        REFUSE(SYS_chroot),
        REFUSE(SYS_unshare),
        REFUSE(SYS_setns),
        REFUSE(SYS_bpf),
        REFUSE(SYS_perf_event_open),
        REFUSE(SYS_userfaultfd),
        REFUSE(SYS_open_by_handle_at),
        REFUSE(SYS_keyctl),
        REFUSE(SYS_add_key),
        REFUSE(SYS_request_key),
        REFUSE(425) /* io_uring_setup */,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                 435 /* clone3, whose flags lie in memory: clone is used then */, 0, 1),
        ERROR(ENOSYS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, fork_action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) ? 0 : TT_SANDBOX_CALLS;
}
#else
static int hold_calls(int forks) {
    (void)forks;
    return 0;
}
#endif

int tt_sandbox_enter(const tt_sandbox_path *paths, int n, int forks) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 0;
    int held = hold_files(paths, n);
    return held | hold_calls(forks);
}

#else
int tt_sandbox_enter(const tt_sandbox_path *paths, int n, int forks) {
    (void)paths, (void)n, (void)forks;
    return 0;
}
#endif
