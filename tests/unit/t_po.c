/* t_po: messages of gettext: what is translated, what stays, plurals, contexts, strings over
 * several lines.
 */
#include "unit/markup.h"

int main(void) {
    BECOMES("po", "msgid \"\"\nmsgstr \"\"\n\"Language: x\\n\"\n\nmsgid \"one two\"\nmsgstr \"\"\n",
            "msgid \"\"\nmsgstr \"\"\n\"Language: x\\n\"\n\n#, fuzzy\nmsgid \"one two\"\nmsgstr "
            "\"TWO ONE\"\n",
            swapped);
    BECOMES("po", "msgid \"a\"\nmsgstr \"done\"\n\n#~ msgid \"b\"\n#~ msgstr \"\"\n",
            "msgid \"a\"\nmsgstr \"done\"\n\n#~ msgid \"b\"\n#~ msgstr \"\"\n", swapped);
    BECOMES("po",
            "#, c-format\nmsgctxt \"menu\"\nmsgid \"a b\"\nmsgid_plural \"c d\"\nmsgstr[0] "
            "\"\"\nmsgstr[1] \"\"\nmsgstr[2] \"\"\n",
            "#, fuzzy, c-format\nmsgctxt \"menu\"\nmsgid \"a b\"\nmsgid_plural \"c d\"\nmsgstr[0] "
            "\"B A\"\nmsgstr[1] \"D C\"\nmsgstr[2] \"D C\"\n",
            swapped);
    BECOMES("po", "#, fuzzy\nmsgid \"a\"\nmsgstr \"\"\n", "#, fuzzy\nmsgid \"a\"\nmsgstr \"A\"\n",
            in_order);
    BECOMES("po", "msgid \"\"\n\"one \\\"two\\\" \"\n\"three\\n\"\n\"four\\n\"\nmsgstr \"\"\n",
            "#, fuzzy\nmsgid \"\"\n\"one \\\"two\\\" \"\n\"three\\n\"\n\"four\\n\"\nmsgstr "
            "\"\"\n\"THREE \\\"TWO\\\" ONE\\n\"\n\"FOUR\\n\"\n",
            swapped);
    BECOMES("po", "msgid \"%d\"\nmsgstr \"\"\n", "msgid \"%d\"\nmsgstr \"\"\n", in_order);
    BECOMES("po", "msgid \"a\"\r\nmsgstr \"\"\r\n", "#, fuzzy\r\nmsgid \"a\"\r\nmsgstr \"A\"\r\n",
            in_order);
    NOTES("po", "msgid \"a\nmsgstr \"\"\n",
          "1: a string that does not end\n2: a msgstr without msgid");
    NOTES("po", "msgid \"a\"\nmsgstr[1] \"\"\nhello\n",
          "2: an index of msgstr that cannot be\n3: a line that is none of gettext's");
    return test_done("t_po");
}
