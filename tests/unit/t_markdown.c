/* t_markdown: blocks of Markdown: prefixes, code, tables, lists, front matter, definitions.
 */
#include "unit/markup.h"

int main(void) {
    SEGMENTS("markdown", "# A head #\n\nOne line\nand two.\n\nSub\n---\nx\n",
             "A head\nOne line /and two.\nSub\nx");
    SEGMENTS("markdown",
             "---\ntitle: no\n---\nyes\n\n```c\nno\n```\n~~~\nno ```\n~~~\n\n    no\n\n- yes\n\n   "
             " yes too\n\nend\n\n    no",
             "yes\nyes\nyes too\nend");
    SEGMENTS(
        "markdown",
        "> a quote\n> goes on\n> > deeper\n\n* one\n* two\n  more\n1. three\n- [ ] four\n- - five",
        "a quote /goes on /deeper\none\ntwo /more\nthree\nfour\nfive");
    SEGMENTS("markdown", "| A b | C |\n|---|:-:|\n| d | `e` \\| f |\n\nnot | a table\n",
             "A b\nC\nd\n[e] | f\nnot | a table");
    SEGMENTS("markdown",
             "[ref]: http://no.no \"no\"\n[^1]: A note.\n<!-- no\nno "
             "-->\n<script>\nno\n</script>\n<div>\nyes\n</div>\n",
             "A note.\nyes");
    SEGMENTS("markdown", "a  \nb\\\nc\n", "a _b _c");
    BECOMES("markdown", "> aaa bbb\n> ccc ddd\n", "> DDD CCC\n> BBB AAA\n", swapped);
    BECOMES("markdown", "* a | b\n\nA|B\n-|-\na\\|b|c\n", "* A | B\n\nA|B\n-|-\nA\\|B|C\n",
            in_order);
    BECOMES("markdown", "end # of\n", "OF # END\n", swapped);
    BECOMES("markdown", "end of #\n", "\\# OF END\n", swapped);
    BECOMES("markdown", "one\r\ntwo\r\n", "ONE\r\nTWO\r\n", in_order);
    NOTES("markdown", "a\n```\nb\n", "2: code that does not end");
    NOTES("markdown", "a\n\n<!-- b\n", "3: --> is not there; what is before it is left as it is");
    return test_done("t_markdown");
}
