/* t_xliff: XLIFF and TMX: a text without a translation gets one, the rest stays.
 */
#include "unit/markup.h"

#define X(version, body) "<xliff version=\"" version "\">" body "</xliff>"

int main(void) {
    BECOMES("xliff",
            X("1.2", "<trans-unit>\n <source>one <g id=\"1\">two</g></source>\n</trans-unit>"),
            X("1.2",
              "<trans-unit>\n <source>one <g id=\"1\">two</g></source>\n <target "
              "state=\"needs-review-translation\"><g id=\"1\">TWO</g> ONE</target>\n</trans-unit>"),
            swapped);
    BECOMES("xliff", X("2.0", "<unit><segment><source>one</source></segment></unit>"),
            X("2.0", "<unit><segment><source>one</source><target>ONE</target></segment></unit>"),
            in_order);
    BECOMES("xliff",
            X("1.2", "<trans-unit><source>one</source><target/></trans-unit><trans-unit><source>a</"
                     "source><target>done</target></trans-unit>"
                     "<trans-unit "
                     "translate=\"no\"><source>b</source></trans-unit><trans-unit><source>c</"
                     "source><target state=\"new\">c</target></trans-unit>"),
            X("1.2", "<trans-unit><source>one</source><target>ONE</target></"
                     "trans-unit><trans-unit><source>a</source><target>done</target></trans-unit>"
                     "<trans-unit "
                     "translate=\"no\"><source>b</source></trans-unit><trans-unit><source>c</"
                     "source><target state=\"new\">C</target></trans-unit>"),
            in_order);
    BECOMES("xliff",
            X("1.2", "<trans-unit><source><g id=\"0\">a <bpt id=\"1\">&lt;b></bpt>b<ept "
                     "id=\"1\">&lt;/b></ept> <ph id=\"2\">%s</ph> "
                     "c</g></source><target></target></trans-unit>"),
            X("1.2", "<trans-unit><source><g id=\"0\">a <bpt id=\"1\">&lt;b></bpt>b<ept "
                     "id=\"1\">&lt;/b></ept> <ph id=\"2\">%s</ph> c</g></source><target><g "
                     "id=\"0\"><ph id=\"2\">%s</ph> C <bpt id=\"1\">&lt;b></bpt>B<ept "
                     "id=\"1\">&lt;/b></ept> A</g></target></trans-unit>"),
            swapped);
    BECOMES("tmx",
            "<tmx><header srclang=\"en\"/><tu>\n <tuv xml:lang=\"en\"><seg>one "
            "<hi>two</hi></seg></tuv>\n</tu></tmx>",
            "<tmx><header srclang=\"en\"/><tu>\n <tuv xml:lang=\"en\"><seg>one "
            "<hi>two</hi></seg></tuv>\n <tuv xml:lang=\"es\"><seg><hi>TWO</hi> "
            "ONE</seg></tuv>\n</tu></tmx>",
            swapped);
    BECOMES("tmx",
            "<tu><tuv xml:lang=\"en-US\"><seg>a</seg></tuv><tuv "
            "xml:lang=\"es\"><seg></seg></tuv></tu><tu><tuv lang=\"EN\"><seg>b</seg></tuv><tuv "
            "lang=\"ES\"><seg>x</seg></tuv></tu>",
            "<tu><tuv xml:lang=\"en-US\"><seg>a</seg></tuv><tuv "
            "xml:lang=\"es\"><seg>A</seg></tuv></tu><tu><tuv lang=\"EN\"><seg>b</seg></tuv><tuv "
            "lang=\"ES\"><seg>x</seg></tuv></tu>",
            in_order);
    NOTES("xliff", "<xliff>\n<trans-unit><source>a\n</trans-unit>",
          "1: <xliff> is not closed\n2: <source> is not closed");
    return test_done("t_xliff");
}
