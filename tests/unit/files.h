/* files.h: files of a unit test, in a folder of its own: in_new_folder("t_file") first,
 * PATH("name") then, and in_the_end, which takes the folder away and finds what else was left in
 * it.
 */
#ifndef TT_TEST_FILES_H
#define TT_TEST_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/test.h"

static char folder[400];

static inline void in_new_folder(const char *test) {
    const char *tmp = getenv("TT_TEST_TMP");
    snprintf(folder, sizeof folder, "%s/%s.XXXXXX", tmp ? tmp : "/tmp", test);
    if (!mkdtemp(folder)) CHECK(0, "mkdtemp %s", folder);
}

static inline const char *in_folder(char *path, size_t cap, const char *name) {
    snprintf(path, cap, "%s/%s", folder, name);
    return path;
}
#define PATH(name) in_folder((char[500]){0}, 500, name)

static inline void put(const char *path, const void *data, size_t size) {
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) CHECK(0, "cannot write %s", path);
}

/* `names`: the files that the test made, `count` of them. */
static inline void in_the_end(const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) unlink(PATH(names[i]));
    CHECK(!rmdir(folder), "something else was left in %s", folder);
}

#endif
