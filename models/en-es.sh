#!/bin/sh
# en-es.sh DATA OUT [OPTION...]: trains models/en-es.ttm again. DATA holds the corpora as SOURCE.tsv.xz
# (those named below, of which only sources that may be passed on are used), synthetic/ and dev/; OUT is a folder
# for the work. Further options go to ttrans train. README.md beside this tells what came of it.
set -e
data=${1:?the folder of the corpora} out=${2:?a folder to work in}
shift 2
ttrans=${TTRANS:-ttrans} here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"

# source and weight: how often a pair of it is seen in an epoch. Everyday and news text counts more, manuals,
# dictionaries and machine-made sides less.
set -- "$@" -- \
    tatoeba 3 tatoeba-pivot 1 europarl 2 tico19 2 xquad 2 mt-geneval 1 pud 3 cocoa-mt 1 mgsm 1 opensource-guide 1 \
    login-gov 1 vita-min 1 bible-web-rv 0.4 mozilla-org 0.7 gnome-user-docs 0.5 tldr-pages 0.3 react-docs 0.4 \
    python-docs-es 0.25 php-manual 0.2 powershell-docs-ht 0.2 cataclysm-dda 0.7 cataclysm-dda-ar 0.15 \
    research-guides 0.8 hf-course 0.8 libreoffice-help 0.25 ms-office-docs-ht 0.25 freedict-words 0.25 \
    synthetic/distilled-common-voice 1 synthetic/distilled-wikisplit 1 synthetic/distilled-simple-wikipedia 1 \
    synthetic/distilled-state-union 0.7 synthetic/distilled-wikitext2 1 synthetic/distilled-inaugural 0.5 \
    synthetic/backtranslated-common-voice 1 synthetic/backtranslated-news-fakecorpus 1 \
    synthetic/backtranslated-treebank-gsd 1 synthetic/backtranslated-novels-conha19 0.3 \
    synthetic/backtranslated-novels-textbox 0.3

options= files= weights=
while [ "$1" != -- ]; do options="$options $1"; shift; done
shift
while [ $# -gt 0 ]; do
    file=$out/$(basename "$1").tsv
    [ -f "$file" ] || xz -dc "$data/$1.tsv.xz" > "$file"
    files="$files --tsv $file" weights="$weights $2"
    shift 2
done

# Development text for choosing the best model: a tenth of two sets, half of the third.
for side in en es; do
    {
        cat "$data/dev/newstest2012.$side" "$data/dev/flores-dev.$side" | awk 'NR % 10 == 0'
        awk 'NR % 2 == 0' "$data/dev/tatoeba-dev.$side"
    } > "$out/valid.$side"
done

# shellcheck disable=SC2086
exec "$ttrans" train -m "$out/en-es.ttm" $files --weights $weights -v "$here/../vocab/en-es.spm" \
    --valid-sets "$out/valid.en" "$out/valid.es" --preset small --enc-layers 6 --dec-layers 2 --dropout 0.05 \
    --optimizer muon --lr 2e-3 --warmup 300 --batch-tokens 6144 --time-limit 88m --valid-freq 500 --disp-freq 50 \
    --save-freq 250 --log "$out/log.jsonl" $options
