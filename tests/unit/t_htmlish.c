/* t_htmlish: HTML and XML: what divides text, what stands in it, what is left alone, what
 * attributes people read.
 */
#include "unit/markup.h"

static void html(void) {
    SEGMENTS("html", "<p>A <b>red</b> dog</p><p>Two</p>", "A [red] dog\nTwo");
    SEGMENTS("html", "<p><b>All of it</b></p> <div><i>half</i> of it</div>",
             "All of it\n[half] of it");
    SEGMENTS("html", "<ul><li>one<li>two</ul><p>three", "one\ntwo\nthree");
    SEGMENTS("html", "a<br>b c<br>\n d. <br>E<br><br>f", "a _b c _d.\nE\nf");
    SEGMENTS("html",
             "<pre>no</pre><script>'<p>no</p>'</script><style>no</style><p translate=no>no</p><p "
             "class=\"x notranslate\">no</p>yes",
             "yes");
    SEGMENTS("html", "Run <code>make it</code> now", "Run [make it] now");
    SEGMENTS("html", "<p><code>only code</code></p>", "");
    SEGMENTS("html", "<p>12 &ndash; 34 &#x1F600; $5</p>", "");
    SEGMENTS("html", "caf&eacute; &amp; bar&nbsp;10 &unknown; x", "caf\xc3\xa9 & bar _10 *x");
    SEGMENTS("html",
             "<title>T</title><textarea>a <b> c</textarea><img alt=\"An eye\" title='Its \"name\"' "
             "src=\"no\"><input type=submit value=Go placeholder=\"Your name\"><input value=no>",
             "T\na <b> c\nAn eye\nIts \"name\"\nGo\nYour name");
    SEGMENTS("html",
             "<meta name=\"description\" content=\"A page\"><meta name=\"viewport\" "
             "content=\"width\"><a aria-label=\"Close it\" href=x>y</a>",
             "A page\nClose it\ny");
    BECOMES("html", "<p>one <b>two</b> three</p>", "<p>THREE <b>TWO</b> ONE</p>", swapped);
    BECOMES("html", "<p>one <b>two <i>three</i></b> four</p>",
            "<p>FOUR <b><i>THREE</i> TWO</b> ONE</p>", swapped);
    BECOMES("html", "<p>one, <b>two</b>.</p>", "<p><b>TWO</b>. ONE,</p>", swapped);
    BECOMES("html", "see <img alt='a dog'> it <i></i>now", "<i></i>NOW <img alt='DOG A'> IT SEE",
            swapped);
    BECOMES("html", "<img alt=dog> x", "<img alt=\"DOG\"> X", in_order);
    BECOMES("html", "a &lt; b &amp; c &eacute;", "A &lt; B &amp; C &eacute;", in_order);
    BECOMES("html", "it is 10&nbsp;km<br>far", "IT IS 10&nbsp;KM<br>FAR", in_order);
    BECOMES("html", "run <code>make</code> now", "NOW <code>make</code> RUN", swapped);
    NOTES("html", "<p>a\n<b>b\n</i>c", "2: <b> is not closed\n3: </i> closes nothing");
    NOTES("html", "a\n<b c=\"d>e",
          "2: the tag <b does not end; what is behind it is left as it is");
    BECOMES("html", "one <b>two <i>three</b> four</i>", "ONE <b>TWO <i>THREE</b> FOUR</i>",
            in_order);
}

static void xml(void) {
    SEGMENTS("xml", "<?xml version='1.0'?><d><t>One</t><p>Two <e>three</e> <x/>four</p></d>",
             "One\nTwo [three] *four");
    SEGMENTS("xml", "<d><p><q>a<r>b</r></q></p><code>no</code><p>see <code>x</code></p></d>",
             "a[b]\nsee [x]");
    SEGMENTS("xml", "<d><![CDATA[a <b> c]]></d>", "a <b> c");
    BECOMES("xml", "<d>a ]]&gt; <b>c</b></d>", "<d><b>C</b> ]]&gt; A</d>", swapped);
    BECOMES("xml", "<d><![CDATA[one <two]]></d>", "<d><![CDATA[<TWO ONE]]></d>", swapped);
    NOTES("xml", "<d>\n<e>\n</d>\n<f & g",
          "2: <e> is not closed\n4: the tag <f does not end; what is behind it is left as it is");
    NOTES("xml", "<d>a & b\n</d></e>", "1: a & that begins no reference\n2: </e> closes nothing");
}

int main(void) {
    html();
    xml();
    return test_done("t_htmlish");
}
