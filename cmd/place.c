/* place.c: where the default model lies.
 *
 * A program that was just built finds models/ beside itself, an installed one share/ttrans beside
 * its bin/. Both are found from where the program really is, so an installation can be moved.
 */
#include "cmd.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

/* The directory of the running program, without the slash; "" if the system does not say. */
static void program_dir(char *dir, size_t cap) {
    ssize_t n = readlink("/proc/self/exe", dir, cap - 1);
    if (n < 0) n = 0;
    dir[n] = 0;
    char *slash = strrchr(dir, '/');
    *(slash ? slash : dir) = 0;
}

static int take(char *path, size_t cap, const char *from, tt_err *e) {
    size_t len = strlen(from);
    if (len < cap) {
        memcpy(path, from, len + 1);
        return 0;
    }
    return tt_cmd_fail(e, TT_EUSAGE, "path of the model is longer than %zu bytes", cap - 1);
}

/* Two codes of two or three small letters, with a hyphen between. */
static bool is_pair(const char *s) {
    for (int side = 0; side < 2; side++) {
        size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
        if (n < 2 || n > 3 || s[n] != (side ? 0 : '-')) return false;
        s += n + 1;
    }
    return true;
}

int tt_cmd_model(char *path, size_t cap, const char *given, const char *pair, tt_err *e) {
    static const char *const places[] = {"models", "../share/ttrans"};
    char dir[PATH_MOST], place[PATH_MOST + 64];
    const char *named = getenv("TTRANS_MODEL");
    if (pair && !is_pair(pair))
        return tt_cmd_fail(e, TT_EUSAGE, "'%.60s' is not a pair of languages such as es-en", pair);
    if (given && pair)
        return tt_cmd_fail(e, TT_EUSAGE, "a model file has one direction: give -m or -d, not both");
    if (given) return take(path, cap, given, e);
    if (!pair && named && *named) return take(path, cap, named, e);
    if (!pair) pair = "en-es";
    program_dir(dir, sizeof(dir));
    for (size_t i = 0; i < sizeof(places) / sizeof(*places) && *dir; i++) {
        snprintf(place, sizeof(place), "%s/%s/%s.ttm", dir, places[i], pair);
        if (!access(place, R_OK)) return take(path, cap, place, e);
    }
    return tt_cmd_fail(e, TT_ENOINPUT,
                       "no model: give one with -m FILE or TTRANS_MODEL (no %s.ttm in "
                       "%.150s/models or %.150s/../share/ttrans)",
                       pair, dir, dir);
}

bool tt_cmd_fetched(char *path, size_t cap) {
    const char *dir = getenv("SACREBLEU"), *home = getenv("HOME"), *below = "";
    if (!dir || !*dir) dir = home ? home : ".", below = "/.sacrebleu";
    int n = snprintf(path, cap, "%s%s/models", dir, below);
    return n > 0 && (size_t)n < cap;
}
