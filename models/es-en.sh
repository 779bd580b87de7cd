#!/bin/sh
# es-en.sh DATA STUDENT OUT [first]: makes models/es-en.ttm again; first: only as far as the model that en-es.sh needs.
#
# DATA is the folder of texts as en-es.sh has it; STUDENT the folder of Bergamot's Portuguese-English student; OUT the
# folder that en-es.sh worked in: its texts, its vocabulary, the Portuguese of its pairs and its distilled sentences serve
# here with the sides changed. PYTHON as there.
#
# The student's encoder reads Portuguese: a Spanish piece gets the row of the Portuguese pieces that it translates
# (warm.py), an English one keeps its own. README.md beside this tells what came of each step.
set -e
data=${1:?the folder of the texts} student=${2:?the folder of the student} out=${3:?the folder that en-es.sh worked in} part=${4:-all}
ttrans=${TTRANS:-ttrans} python=${PYTHON:-python3} here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/es-en"

pairs='tatoeba 1.1 tatoeba-pivot 0.5 europarl 0.8 tico19 1.2 xquad 2.4 mt-geneval 1.2 pud 3 cocoa-mt 1.2 mgsm 0.6 opensource-guide 0.6
    login-gov 0.6 vita-min 0.6 bible-web-rv 0.05 mozilla-org 0.3 gnome-user-docs 0.1 tldr-pages 0.06 react-docs 0.12
    python-docs-es 0.06 php-manual 0.03 powershell-docs-ht 0.04 cataclysm-dda 0.3 research-guides 0.48 hf-course 0.48
    libreoffice-help 0.06 ms-office-docs-ht 0.06 freedict-words 0.06 news-commentary-2007 2.4'
aligned='tatoeba europarl tico19 xquad mt-geneval pud cocoa-mt mgsm opensource-guide login-gov vita-min
    news-commentary-2007 mozilla-org cataclysm-dda research-guides hf-course libreoffice-help bible-web-rv'
mixed() { # the options of `source weight` pairs
    files= weights=
    while [ $# -gt 0 ]; do files="$files --tsv $out/es-en/$1.tsv" weights="$weights $2"; shift 2; done
}
study() { # MODEL SHARE OPTION...: train on the mixture, and so much of the distilled text
    model=$1 share=$2
    shift 2
    # shellcheck disable=SC2086
    "$ttrans" train -m "$out/es-en/$model.ttm" $files --tsv "$out/es-en/distilled.tsv" --weights $weights "$share" \
        --valid-sets "$out/valid.es" "$out/valid.en" --sampled-softmax 3000 --optimizer muon --batch-tokens 4600 "$@"
}
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

# shellcheck disable=SC2086
mixed $pairs
# shellcheck disable=SC2086
set -- $pairs
while [ $# -gt 0 ]; do
    reversed "$out/tsv/$1.tsv" > "$out/es-en/$1.tsv"
    shift 2
done
reversed "$out/distilled.tsv" > "$out/es-en/distilled.tsv"
[ -f "$out/es-en/first.ttm" ] || study first 0.5 --from "$out/es-en/warm.ttm" --dropout 0.05 --lr 7e-4 --warmup 60 --time-limit 38m --valid-freq 300
[ "$part" != first ] || exit 0

# ---- a last stretch, with pairs as people type them
for s in tatoeba xquad tico19 pud news-commentary-2007 cocoa-mt mt-geneval; do cat "$out/tsv/$s.tsv"; done > "$out/es-en/typed.tsv"
shuf -n 40000 --random-source="$out/tsv/europarl.tsv" "$out/distilled.tsv" >> "$out/es-en/typed.tsv"
head -n 20000 "$out/tsv/europarl.tsv" >> "$out/es-en/typed.tsv"
reversed "$out/es-en/typed.tsv" > "$out/es-en/typed.es-en"
"$python" "$here/augment.py" --spanish "$out/es-en/typed.es-en" > "$out/es-en/noisy.tsv"
reversed "$here/phrases.tsv" > "$out/es-en/phrases.tsv"
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.5 tico19 1 xquad 2 mt-geneval 1 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5 vita-min 0.5
    news-commentary-2007 3 research-guides 0.4 freedict-words 0.6 noisy 0.45 phrases 30'
# shellcheck disable=SC2086
mixed $pairs
study second 0.25 --from "$out/es-en/first.ttm" --dropout 0.02 --lr 3.5e-4 --warmup 10 --time-limit 9m --valid-freq 0 --seed 21

# ---- a longer one
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.5 tico19 1.2 xquad 2 mt-geneval 1.2 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5
    vita-min 0.5 news-commentary-2007 3 research-guides 0.5 freedict-words 0.5 noisy 0.4 phrases 15'
# shellcheck disable=SC2086
mixed $pairs
study third 0.4 --from "$out/es-en/second.ttm.ckpt" --dropout 0.02 --lr 4e-4 --schedule linear --warmup 8 --time-limit 17m --valid-freq 0 --seed 91

# ---- with English that people wrote, put into Spanish by en-es.ttm
set -- wikipedia-b 190000 wikipedia-a 50000 wikinews-2019 12000 ewt 15000 masc 25000 white-house 20000 un-general-debate 15000 \
    openstax-books 12000 self-dialogue 6000 digital-gov 6000 factbook 3000 standard-ebooks 5000 tatoeba-more 4000
: > "$out/es-en/all.en"
while [ $# -gt 0 ]; do
    xz -dc "$data/mono/en/$1.txt.xz" | shuf -n "$2" --random-source="$out/tsv/tatoeba.tsv" |
        awk 'NF >= 5 && NF <= 40 && length($0) < 280' >> "$out/es-en/all.en"
    shift 2
done
cut -f2 "$out/es-en/distilled.tsv" | awk 'NR == FNR { seen[$0]; next } !($0 in seen) && !again[$0]++' - "$out/es-en/all.en" > "$out/es-en/mono.en"
"$ttrans" translate -q -b 1 --split none --no-keep --no-checks -m "$out/en-es.ttm" < "$out/es-en/mono.en" > "$out/es-en/mono.es"
"$python" "$here/filter.py" "$out/es-en/mono.en" "$out/es-en/mono.es" > "$out/es-en/mono.en-es"
reversed "$out/es-en/mono.en-es" > "$out/es-en/mono.tsv"

pairs='tatoeba 1.2 tatoeba-pivot 0.4 europarl 0.8 tico19 1.5 xquad 3 mt-geneval 1.5 pud 4 cocoa-mt 1.2 mgsm 0.6 opensource-guide 0.7
    login-gov 0.7 vita-min 0.7 bible-web-rv 0.06 mozilla-org 0.4 gnome-user-docs 0.15 cataclysm-dda 0.4 research-guides 0.6 hf-course 0.6
    libreoffice-help 0.1 freedict-words 0.8 news-commentary-2007 3 noisy 0.4 phrases 12 mono 1'
# shellcheck disable=SC2086
mixed $pairs
study fourth 0.6 --from "$out/es-en/third.ttm.ckpt" --dropout 0.02 --lr 6e-4 --warmup 30 --max-updates 1940 --valid-freq 0 --seed 113

# ---- a stretch
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.6 tico19 1.2 xquad 2 mt-geneval 1.2 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5
    vita-min 0.5 news-commentary-2007 3 research-guides 0.5 freedict-words 0.5 noisy 0.5 phrases 15 mono 0.6'
# shellcheck disable=SC2086
mixed $pairs
study fifth 0.5 --from "$out/es-en/fourth.ttm.ckpt" --dropout 0.02 --lr 2.2e-4 --schedule linear --warmup 8 --time-limit 24m --valid-freq 0 --seed 131

# ---- more of the two, in whole numbers for the products; the mean of three stretches, and a short one from there for the phrases
pairs='tatoeba 1.2 tatoeba-pivot 0.4 europarl 0.8 tico19 1.5 xquad 3 mt-geneval 1.5 pud 4 cocoa-mt 1.2 mgsm 0.6 opensource-guide 0.7
    login-gov 0.7 vita-min 0.7 bible-web-rv 0.06 mozilla-org 0.4 gnome-user-docs 0.15 cataclysm-dda 0.4 research-guides 0.6 hf-course 0.6
    libreoffice-help 0.1 freedict-words 0.8 news-commentary-2007 3 noisy 0.4 phrases 12 mono 1'
# shellcheck disable=SC2086
mixed $pairs
study sixth 0.6 --from "$out/es-en/fourth.ttm.ckpt" --dropout 0.02 --lr 5e-4 --warmup 30 --max-updates 1262 --valid-freq 0 --seed 139
study seventh 0.6 --from "$out/es-en/sixth.ttm.ckpt" --precision int16 --dropout 0.02 --lr 4e-4 --warmup 30 --max-updates 1391 --valid-freq 0 --seed 151
pairs='tatoeba 0.9 tatoeba-pivot 0.3 europarl 0.6 tico19 1.2 xquad 2 mt-geneval 1.2 pud 3 cocoa-mt 1 opensource-guide 0.5 login-gov 0.5
    vita-min 0.5 news-commentary-2007 3 research-guides 0.5 freedict-words 0.5 noisy 0.5 phrases 40 mono 0.8'
# shellcheck disable=SC2086
mixed $pairs
study eighth 0.5 --from "$out/es-en/seventh.ttm.ckpt" --precision int16 --dropout 0.02 --lr 2.2e-4 --schedule linear --warmup 8 --time-limit 24m --valid-freq 0 --seed 157
"$ttrans" average -o "$out/es-en/mean.ttm" "$out/es-en/third.ttm" "$out/es-en/fifth.ttm" "$out/es-en/eighth.ttm"
# shellcheck disable=SC2086
mixed ${pairs%%phrases*} phrases 150 ${pairs##*phrases 40}
study ninth 0.5 --from "$out/es-en/mean.ttm" --precision int16 --dropout 0.02 --lr 1.2e-4 --schedule linear --warmup 8 --time-limit 9m --valid-freq 0 --seed 163

# ---- what ships
# shellcheck disable=SC2086
often=$(for _ in 1 2 3 4 5 6 7 8 9; do echo "--tsv $out/es-en/phrases.tsv"; done)
# shellcheck disable=SC2086
"$ttrans" shortlist -q --tsv "$out/es-en/distilled.tsv" $files $often -v "$out/en-es.spm" --best 70 --frequent 200 -o "$out/es-en/lex.bin"
"$ttrans" convert --store f32 --decode normalize=0.7 -o "$out/es-en/told.ttm" "$out/es-en/ninth.ttm"
{
    for f in "$data"/mono/es/*.txt.xz; do xz -dc "$f"; done
    for f in tatoeba tatoeba-pivot europarl tico19 xquad mt-geneval pud cocoa-mt mgsm opensource-guide login-gov vita-min bible-web-rv \
        mozilla-org gnome-user-docs tldr-pages react-docs python-docs-es php-manual powershell-docs-ht cataclysm-dda research-guides \
        hf-course libreoffice-help ms-office-docs-ht freedict-words news-commentary-2007; do
        cut -f2 "$out/tsv/$f.tsv"
    done
} | "$here/words.sh" 2 - > "$out/es-en/es.words"
"$ttrans" quantize --shortlist "$out/es-en/lex.bin" --spelling "$out/es-en/es.words" -o "$out/es-en.ttm" "$out/es-en/told.ttm"
