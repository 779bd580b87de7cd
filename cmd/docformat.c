/* docformat.c: which format of documents is asked for, by name or by a file's suffix.
 */
#include "cmd.h"

const char *tt_cmd_format(int format, const char *path) {
    enum { AUTO, TEXT, FIRST };
    if (format == AUTO) return tt_document_format(path);
    return format == TEXT ? NULL : tt_family_find("document")->row(format - FIRST)->name;
}
