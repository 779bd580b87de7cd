/* jsontext.c: texts in JSON, as Python's json.dumps() writes them: all ASCII. */
#include "cmd.h"

#include <string.h>

#include "base/json.h"

static void put(void *out, const char *p, size_t n) { fwrite(p, 1, n, out); }

void tt_cmd_json_text(FILE *out, tt_span text) {
    tt_json_write(put, out, text.text, text.len, TT_JSON_ASCII);
}

void tt_cmd_json_string(FILE *out, const char *text) {
    tt_cmd_json_text(out, (tt_span){text, strlen(text)});
}
