/* t_cues: subtitles: sentences over cues, and back by their shares; times, settings and notes left
 * alone.
 */
#include "unit/markup.h"

#define A "1\n00:00:01,000 --> 00:00:02,000\n"
#define B "\n2\n00:00:02,500 --> 00:00:03,000\n"
#define FAR "\n2\n00:00:12,500 --> 00:00:13,000\n"

int main(void) {
    SEGMENTS("srt",
             A "One <i>two</i>\nthree"
               "\n" B "four. Five\n",
             "One [two] /three |four.\nFive");
    SEGMENTS("srt",
             A "One two"
               "\n" FAR "three.\n",
             "One two\nthree.");
    SEGMENTS("srt",
             A "One two."
               "\n" B "Three.\n",
             "One two.\nThree.");
    SEGMENTS("srt",
             A "- One\n- {\\an8}two <b>x</b> y."
               "\n" B "<i>One.\nTwo.</i>\n",
             "One\ntwo [x] y.\nOne.\nTwo.");
    SEGMENTS("srt",
             A "<i>one two"
               "\n" B "three</i> four"
               "\n",
             "one two |three! four");
    SEGMENTS("srt", A "12:30 --> x\n", "12:30 --> x");
    SEGMENTS("vtt",
             "WEBVTT - no\n\nNOTE no\nno\n\nSTYLE\nno\n\nid no\n00:01.000 --> 00:02.000 "
             "align:start\n<v Bob>Hello &amp; <c.x>you</c> there\n",
             "Hello & [you] there");
    BECOMES("srt",
            A "one two\nthree"
              "\n" B "four five six\n",
            A "SIX FIVE\nFOUR"
              "\n" B "THREE TWO ONE\n",
            swapped);
    BECOMES("srt",
            A "<i>aaa</i> bbb"
              "\n" B "ccc ddd\n",
            A "DDD <i>CCC</i>"
              "\n" B "BBB AAA\n",
            swapped);
    BECOMES("srt", "\xef\xbb\xbf" A "one\r\n\r\n2\r\n00:00:02,500 --> 00:00:03,000\r\nend.\r\n",
            "\xef\xbb\xbf" A "ONE\r\n\r\n2\r\n00:00:02,500 --> 00:00:03,000\r\nEND.\r\n", in_order);
    BECOMES("vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\na &lt; b\n",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nB &lt; A\n", swapped);
    NOTES(
        "srt", "1\n0:1 --> 00:00:02,000\na\n\nb\nc\n",
        "2: the times of a cue cannot be read\n5: a line that belongs to no cue is left as it is");
    NOTES("vtt", "00:01.000 --> 00:02.000\na\n", "1: does not begin with WEBVTT");
    return test_done("t_cues");
}
