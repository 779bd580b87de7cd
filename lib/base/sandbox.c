/* sandbox.c: see sandbox.h. Numbers and structs are those of linux/landlock.h, which older systems
 * lack.
 */
#define _GNU_SOURCE
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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
                                      WRITE_FILE | TRUNCATE | READ_DIR | MAKE_REG | MAKE_DIR |
                                          REMOVE_FILE | REMOVE_DIR,
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
#define UNLESS(k, behind) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), 0, behind)

/* No program is begun and no socket made; nothing is done to other processes, to files by name that
 * Landlock does not see, to the system. Numbers without a name are the same on all processors. */
static const uint32_t refused[] = {
    SYS_execve,
    SYS_execveat,
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    425 /* io_uring_setup */,
    /* other processes */
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    424 /* pidfd_send_signal */,
    434 /* pidfd_open */,
    438 /* pidfd_getfd */,
    440 /* process_madvise */,
    SYS_shmget,
    SYS_shmat,
    SYS_msgget,
    SYS_semget,
    SYS_mq_open,
    SYS_setpriority,
    SYS_ioprio_set,
    SYS_sched_setscheduler,
    /* owners, modes and attributes */
    SYS_fchmodat,
    452 /* fchmodat2 */,
    SYS_fchown,
    SYS_fchownat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_utimensat,
    SYS_open_by_handle_at,
    SYS_fanotify_init,
    /* the system */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    428 /* open_tree */,
    429 /* move_mount */,
    430 /* fsopen */,
    432 /* fsmount */,
    433 /* fspick */,
    442 /* mount_setattr */,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_reboot,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_swapon,
    SYS_swapoff,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_personality,
    SYS_setuid,
    SYS_setgid,
    SYS_setresuid,
    SYS_setresgid,
#ifdef __x86_64__
    SYS_vfork,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};
enum { REFUSED = sizeof refused / sizeof *refused, NO_CALL = 0x3fffffff };

/* A process but for threads is made only where it `forks`. A signal goes to this process alone, and
 * no letter into the terminal as if it were typed. */
static int hold_calls(int forks) {
    const uint32_t fork_action = forks ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
    const struct sock_filter first[] = {
        LOAD(arch),
        UNLESS(ARCHITECTURE, 1),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        ERROR(EPERM),
        LOAD(nr),
#ifdef __x86_64__
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), /* the same calls by other numbers */
        ERROR(EPERM),
        UNLESS(SYS_fork, 1),
        BPF_STMT(BPF_RET | BPF_K, fork_action),
#endif
        UNLESS(SYS_kill, 1), /* who makes processes may end them */
        BPF_STMT(BPF_RET | BPF_K, fork_action),
        UNLESS(435 /* clone3, whose flags lie in memory: clone is used then */, 1),
        ERROR(ENOSYS),
    };
    const struct sock_filter last[] = {
        UNLESS(SYS_clone, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 9, 0),
        BPF_STMT(BPF_RET | BPF_K, fork_action),
        UNLESS(forks ? NO_CALL : SYS_tgkill, 3), /* a child ends itself by a number of its own */
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 5, 0),
        ERROR(EPERM),
        UNLESS(SYS_ioctl, 3),
        LOAD(args[1]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x5412 /* TIOCSTI */, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x541C /* TIOCLINUX */, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        ERROR(EPERM),
    };
    enum { FIRST = sizeof first / sizeof *first, LAST = sizeof last / sizeof *last };
    struct sock_filter rules[FIRST + 2 * REFUSED + LAST];
    memcpy(rules, first, sizeof first);
    for (int i = 0; i < REFUSED; i++) {
        rules[FIRST + 2 * i] = (struct sock_filter)UNLESS(refused[i], 1);
        rules[FIRST + 2 * i + 1] = (struct sock_filter)ERROR(EPERM);
    }
    memcpy(rules + FIRST + 2 * REFUSED, last, sizeof last);
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
