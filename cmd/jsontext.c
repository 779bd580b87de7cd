/* jsontext.c: texts in JSON, as Python's json.dumps() writes them: all ASCII. Bytes that are not
 * UTF-8 become U+DC80 … U+DCFF, from which Python's "surrogateescape" makes the bytes again.
 */
#include "cmd.h"

#include <string.h>

void tt_cmd_json_text(FILE *out, tt_span text) {
    const char *s = text.text;
    putc('"', out);
    for (size_t left = text.len; left;) {
        unsigned char c = (unsigned char)*s;
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        uint32_t code = c;
        if (n > left || tt_utf8_bad((tt_span){s, n}, NULL, NULL) < n) {
            n = 1;
            code = 0xdc00u + c;
        } else if (n > 1) {
            code = c & (0xffu >> (n + 1));
            for (size_t i = 1; i < n; i++) code = code << 6 | ((unsigned char)s[i] & 0x3fu);
        }
        if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (int)code);
        else if (code >= ' ' && code < 127)
            putc((int)code, out);
        else if (code < 0x10000)
            fprintf(out, "\\u%04x", (unsigned)code);
        else
            fprintf(out, "\\u%04x\\u%04x", 0xd800u + (unsigned)((code - 0x10000) >> 10),
                   0xdc00u + (unsigned)(code & 0x3ff));
        s += n;
        left -= n;
    }
    putc('"', out);
}

void tt_cmd_json_string(FILE *out, const char *text) {
    tt_cmd_json_text(out, (tt_span){text, strlen(text)});
}
