/* t_jsonstrings: JSON whose strings are texts: values and no keys, escapes, \n, addresses.
 */
#include "unit/markup.h"

int main(void) {
    SEGMENTS("json-strings",
             "{\"a key\": \"a value\", \"b\": [\"c\", 1, true, {\"d\": \"e\\nf\"}], \"u\": "
             "\"http://x.y/z\", \"n\": \"12\"}",
             "a value\nc\ne\nf");
    SEGMENTS("json-strings", "[\"\\u00e9t\\u00E9 \\\"x\\\" \\ud83d\\ude00 a\\tb \\ud800c\"]",
             "\xc3\xa9t\xc3\xa9 \"x\" \xf0\x9f\x98\x80 a _b *c");
    BECOMES("json-strings", "{\"a\" : \"b \\\"c\\\"\\nd\"}\n", "{\"a\" : \"\\\"C\\\" B\\nD\"}\n",
            swapped);
    BECOMES("json-strings", "[\"a \\u0026 b\\/c\"]", "[\"B\\/C \\u0026 A\"]", swapped);
    NOTES("json-strings", "{\n\"a\": [1}\n",
          "2: a } that closes nothing\n3: 2 brackets are not closed");
    NOTES("json-strings", "[\n\"a",
          "2: a string that does not end; what is behind it is left as it is");
    return test_done("t_jsonstrings");
}
