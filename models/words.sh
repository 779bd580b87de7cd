#!/bin/sh
# words.sh LEAST FILE...: the words of plain text and how often each is there, WORD TAB COUNT a line in small letters, for
# `ttrans quantize --spelling`: words of the letters of Western Europe, seen LEAST times or more. - is the standard input.
least=$1
shift
cat "$@" | LC_ALL=C.UTF-8 grep -oE '[[:alpha:]]+' | LC_ALL=C.UTF-8 sed 's/.*/\L&/' |
    LC_ALL=C awk -v least="$least" '/^([a-z]|\303[\237-\266\270-\277])+$/ { n[$0]++ }
        END { for (w in n) if (n[w] >= least && length(w) <= 32) print w "\t" n[w] }' | LC_ALL=C sort
