/* t_jsontext: texts in JSON are ASCII, and read back as what they were. */
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#include "../../cmd/jsontext.c" /* its own: programs do not link with cmd */

static void becomes(const char *text, size_t len, const char *json) {
    char got[200] = "";
    FILE *f = tmpfile();
    CHECK(f != NULL, "no temporary file");
    if (!f) return;
    tt_cmd_json_text(f, (tt_span){text, len});
    rewind(f);
    size_t n = fread(got, 1, sizeof got - 1, f);
    got[n] = 0;
    fclose(f);
    CHECK(!strcmp(got, json), "%s, not %s", got, json);
}

int main(void) {
    becomes("", 0, "\"\"");
    becomes("a \"b\" \\ /", 9, "\"a \\\"b\\\" \\\\ /\"");
    becomes("\t\n\0\x7f", 4, "\"\\u0009\\u000a\\u0000\\u007f\"");
    becomes("ñ¿€", 7, "\"\\u00f1\\u00bf\\u20ac\"");
    becomes("😍", 4, "\"\\ud83d\\ude0d\"");                   /* a pair of surrogates */
    becomes("\xc3\x28\xff", 3, "\"\\udcc3(\\udcff\"");       /* no UTF-8 */
    becomes("\xe2\x82", 2, "\"\\udce2\\udc82\"");            /* cut short */
    becomes("\xed\xa0\x80", 3, "\"\\udced\\udca0\\udc80\""); /* a surrogate as UTF-8 is none */
    return test_done("t_jsontext");
}
