/* docformat.c: which format of documents is asked for, by name or by a file's suffix.
 */
#include "cmd.h"

#include <string.h>

const char *tt_cmd_format(int format, const char *path, char *room, size_t cap) {
    static const char names[] = TT_CMD_FORMATS;
    const char *p = names;
    if (!format) return tt_document_format(path);
    for (int i = 0; i < format; i++) p += strcspn(p, "|") + 1;
    snprintf(room, cap, "%.*s", (int)strcspn(p, "|"), p);
    return strcmp(room, "text") ? room : NULL;
}
