/* t_inline: what stands in a paragraph of Markdown.
 */
#include "unit/markup.h"

int main(void) {
    SEGMENTS("markdown", "a *b* **c** ***d*** _e_ __f__ ~~g~~ h", "a [b] [c] [[d]] [e] [f] [g] h");
    SEGMENTS("markdown", "snake_case_name 2 * 3 * 4 *open", "snake_case_name 2 * 3 * 4 *open");
    SEGMENTS("markdown", "**a *b* c** d", "[a [b] c] d");
    SEGMENTS("markdown", "see [a *b*](http://c.d/(e) \"Its title\") and [f][g] [h] i[^1] j",
             "see [a [b]] and [f] [h] i* j\nIts title");
    SEGMENTS("markdown", "x ![An *image*](a.png) and [![Alt text](b.png)](c) y",
             "x *and [*]y\nAn *image*\nAlt text");
    SEGMENTS("markdown", "run `a b` or ``c ` d`` or `e", "run [a b] or [c ` d] or `e");
    SEGMENTS("markdown", "\\*a\\* &amp; &eacute; <b>c</b><br>d <http://e.f> <!-- g --> h < i",
             "*a* & \xc3\xa9 [c] _d **h < i");
    BECOMES("markdown", "one **two** three", "THREE **TWO** ONE", swapped);
    BECOMES("markdown", "a [b c](d \"e f\") g", "G [C B](d \"F E\") A", swapped);
    BECOMES("markdown", "\\*a\\* b `c` d", "D `c` B \\*A\\*", swapped);
    BECOMES("markdown", "a ![b c](d) e", "A ![B C](d) E", in_order);
    return test_done("t_inline");
}
