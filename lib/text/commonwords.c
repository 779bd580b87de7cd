/* commonwords.c: languages told by the words that every text has; see tt_common_words in filter.h.
 * Words that several languages have count for each. */
#include <stdbool.h>
#include <string.h>

#include "text/filter.h"
#include "text/letter.h"

enum { LONGEST = 12 };

static const struct {
    const char *name, *words; /* a blank before and behind each */
} languages[] = {
    {"en", " the of and to in is was that for it with as his on be at by had not are but from or "
           "have an they which you "
           "were her all she there would their we him been has when who will no more if out so "
           "what up its about into "
           "than them can only other this my your don't i'm it's "},
    {"es", " de la que el en y a los se del las un por con no una su para es al lo como más o pero "
           "sus le ya fue este ha "
           "sí porque esta son entre está cuando muy sin sobre ser tiene también me hasta hay "
           "donde quien desde todo nos "
           "él mi tu te yo eso esto qué cómo "},
    {"fr", " le la les de des du et en un une est que qui dans pour pas sur au plus par il elle je "
           "vous nous ne se ce son "
           "sa ses avec ou mais aux cette ont été sont comme tout fait être bien leur où c'est "
           "n'est d'un "},
    {"pt", " de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi "
           "ao ele das tem à seu "
           "sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era "
           "você são "},
    {"it", " di e il la che è per un in del non una con sono da si le dei nel più al anche come i "
           "lo gli ma della alla "
           "ha questo suo ho mi se o nella dal sua essere lei lui tutto quando molto perché cosa "},
    {"de", " der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch "
           "es an werden aus er "
           "hat dass sie nach wird bei einer um am sind noch wie einem über so zum war haben nur "
           "oder aber ich wir "},
    {"ca", " de la que el i a en un per amb no una els les del al es és són com més o però seva "
           "seu aquest aquesta "
           "també va hi ha pel dels ser fins quan molt perquè això jo què "},
    {"nl", " de het een van en in is dat op te zijn met voor niet aan er om ook als bij maar hij "
           "door ze naar dan nog "
           "wordt uit kan wat over ik je we heeft deze had geen worden "}};
enum { LANGUAGES = sizeof languages / sizeof *languages };

static bool has_word(const char *words, const char *word, size_t len) {
    char framed[LONGEST + 3];
    framed[0] = ' ';
    memcpy(framed + 1, word, len);
    framed[len + 1] = ' ';
    framed[len + 2] = 0;
    return strstr(words, framed) != NULL;
}

const char *tt_common_words(const char *text, size_t len, const char *of, int *most, int *hits) {
    int count[LANGUAGES] = {0}, best = 0, equal = 0;
    for (size_t at = 0; at < len;) {
        size_t begin = at;
        while (at < len &&
               ((text[at] & 0x80) || text[at] == '\'' || (text[at] >= 'a' && text[at] <= 'z') ||
                (text[at] >= 'A' && text[at] <= 'Z')))
            at++;
        const size_t n = at - begin;
        if (n && n <= LONGEST) {
            char word[LONGEST];
            tt_text_case(word, text + begin, n, TT_CASE_SMALL);
            for (int i = 0; i < LANGUAGES; i++) count[i] += has_word(languages[i].words, word, n);
        }
        if (!n) at++;
    }
    for (int i = 1; i < LANGUAGES; i++) {
        if (count[i] > count[best]) best = i, equal = 0;
        else if (count[i] == count[best]) equal = 1;
    }
    for (int i = 0; hits && i < LANGUAGES; i++)
        if (!strcmp(languages[i].name, of)) *hits = count[i];
    if (most) *most = count[best];
    return count[best] && !equal ? languages[best].name : NULL;
}
