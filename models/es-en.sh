#!/bin/sh
# es-en.sh STUDENT OUT: makes models/es-en.ttm again.
#
# STUDENT is the folder of Bergamot's Portuguese-English student; OUT the folder that en-es.sh worked in: its texts, its
# vocabulary, the Portuguese of its pairs and its distilled sentences serve here with the sides changed. PYTHON as there.
#
# The student's encoder reads Portuguese: a Spanish piece gets the row of the Portuguese pieces that it translates
# (warm.py), an English one keeps its own. README.md beside this tells what came of each step.
set -e
student=${1:?the folder of the student} out=${2:?the folder that en-es.sh worked in}
ttrans=${TTRANS:-ttrans} python=${PYTHON:-python3} here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/es-en"

pairs='tatoeba 1.1 tatoeba-pivot 0.5 europarl 0.8 tico19 1.2 xquad 2.4 mt-geneval 1.2 pud 3 cocoa-mt 1.2 mgsm 0.6 opensource-guide 0.6
    login-gov 0.6 vita-min 0.6 bible-web-rv 0.05 mozilla-org 0.3 gnome-user-docs 0.1 tldr-pages 0.06 react-docs 0.12
    python-docs-es 0.06 php-manual 0.03 powershell-docs-ht 0.04 cataclysm-dda 0.3 research-guides 0.48 hf-course 0.48
    libreoffice-help 0.06 ms-office-docs-ht 0.06 freedict-words 0.06 news-commentary-2007 2.4'
aligned='tatoeba europarl tico19 xquad mt-geneval pud cocoa-mt mgsm opensource-guide login-gov vita-min
    news-commentary-2007 mozilla-org cataclysm-dda research-guides hf-course libreoffice-help bible-web-rv'
reversed() { awk -F '\t' 'NF > 1 { print $2 "\t" $1 }' "$@"; }

[ -f "$out/es-en/parent.ttm" ] || "$ttrans" import -o "$out/es-en/parent.ttm" "$student"
[ -d "$out/es-en/parent" ] || "$ttrans" export -q -f marian -o "$out/es-en/parent" "$out/es-en/parent.ttm"
made=
for s in $aligned; do made="$made $out/pt/$s:$out/tsv/$s.tsv"; done
if [ ! -f "$out/es-en/warm.ttm" ]; then
    # shellcheck disable=SC2086
    "$python" "$here/warm.py" "$out/es-en/parent/model.npz" "$out/es-en/parent/vocab.spm" "$out/en-es.spm" "$out/english" \
        "$out/es-en/warm.npz" $made
    "$ttrans" import -v "$out/en-es.spm" --store f32 -o "$out/es-en/warm.ttm" "$out/es-en/warm.npz"
fi

files= weights=
# shellcheck disable=SC2086
set -- $pairs
while [ $# -gt 0 ]; do
    reversed "$out/tsv/$1.tsv" > "$out/es-en/$1.tsv"
    files="$files --tsv $out/es-en/$1.tsv" weights="$weights $2"
    shift 2
done
reversed "$out/distilled.tsv" > "$out/es-en/distilled.tsv"
# shellcheck disable=SC2086
"$ttrans" train -m "$out/es-en/first.ttm" --from "$out/es-en/warm.ttm" $files --tsv "$out/es-en/distilled.tsv" --weights $weights 0.5 \
    --valid-sets "$out/valid.es" "$out/valid.en" --dropout 0.05 --sampled-softmax 3000 --optimizer muon --lr 7e-4 --warmup 60 \
    --batch-tokens 4600 --time-limit 38m --valid-freq 300

# ---- a last stretch, with pairs as people type them
for s in tatoeba xquad tico19 pud news-commentary-2007 cocoa-mt mt-geneval; do cat "$out/tsv/$s.tsv"; done > "$out/es-en/typed.tsv"
shuf -n 40000 --random-source="$out/tsv/europarl.tsv" "$out/distilled.tsv" >> "$out/es-en/typed.tsv"
head -n 20000 "$out/tsv/europarl.tsv" >> "$out/es-en/typed.tsv"
reversed "$out/es-en/typed.tsv" > "$out/es-en/typed.es-en"
"$python" "$here/augment.py" --spanish "$out/es-en/typed.es-en" > "$out/es-en/noisy.tsv"
reversed "$here/phrases.tsv" > "$out/es-en/phrases.tsv"
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.5 tico19 1 xquad 2 mt-geneval 1 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5 vita-min 0.5
    news-commentary-2007 3 research-guides 0.4 freedict-words 0.6 noisy 0.45 phrases 30'
files= weights=
# shellcheck disable=SC2086
set -- $pairs
while [ $# -gt 0 ]; do
    files="$files --tsv $out/es-en/$1.tsv" weights="$weights $2"
    shift 2
done
# shellcheck disable=SC2086
"$ttrans" train -m "$out/es-en/second.ttm" --from "$out/es-en/first.ttm" $files --tsv "$out/es-en/distilled.tsv" --weights $weights 0.25 \
    --valid-sets "$out/valid.es" "$out/valid.en" --dropout 0.02 --sampled-softmax 3000 --optimizer muon --lr 3.5e-4 --warmup 10 \
    --batch-tokens 4600 --time-limit 9m --valid-freq 0 --seed 21

# ---- a longer one, and the mean of both
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.5 tico19 1.2 xquad 2 mt-geneval 1.2 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5
    vita-min 0.5 news-commentary-2007 3 research-guides 0.5 freedict-words 0.5 noisy 0.4 phrases 15'
files= weights=
# shellcheck disable=SC2086
set -- $pairs
while [ $# -gt 0 ]; do
    files="$files --tsv $out/es-en/$1.tsv" weights="$weights $2"
    shift 2
done
# shellcheck disable=SC2086
"$ttrans" train -m "$out/es-en/third.ttm" --from "$out/es-en/second.ttm.ckpt" $files --tsv "$out/es-en/distilled.tsv" --weights $weights 0.4 \
    --valid-sets "$out/valid.es" "$out/valid.en" --dropout 0.02 --sampled-softmax 3000 --optimizer muon --lr 4e-4 --schedule linear \
    --warmup 8 --batch-tokens 4600 --time-limit 17m --valid-freq 0 --seed 91
"$ttrans" average -o "$out/es-en/mean.ttm" "$out/es-en/second.ttm" "$out/es-en/third.ttm" "$out/es-en/third.ttm"

# ---- what ships
# shellcheck disable=SC2086
"$ttrans" shortlist -q --tsv "$out/es-en/distilled.tsv" $files -v "$out/en-es.spm" --best 50 --frequent 200 -o "$out/es-en/lex.bin"
"$ttrans" convert --store f32 --decode normalize=1 -o "$out/es-en/told.ttm" "$out/es-en/mean.ttm"
{
    for f in "$data"/mono/es/*.txt.xz; do xz -dc "$f"; done
    for f in tatoeba europarl news-commentary-2007 tico19 bible-web-rv php-manual python-docs-es research-guides xquad mt-geneval pud; do
        cut -f2 "$out/tsv/$f.tsv"
    done
} | "$here/words.sh" 4 - > "$out/es-en/es.words"
"$ttrans" quantize --shortlist "$out/es-en/lex.bin" --spelling "$out/es-en/es.words" -o "$out/es-en.ttm" "$out/es-en/told.ttm"
