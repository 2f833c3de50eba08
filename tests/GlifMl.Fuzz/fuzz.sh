#!/bin/bash
# Coverage-guided fuzzing of one reader after the other, with afl-fuzz and SharpFuzz; what is found stays in FOLDER.
#
#   bash tests/GlifMl.Fuzz/fuzz.sh FOLDER SECONDS [KIND...]
#
# Debian, Ubuntu: apt-get install afl++. Build first: dotnet build -c Release tests/GlifMl.Fuzz
set -eu
here=$(dirname "$(realpath "$0")") folder=$(realpath -m "${1:?a folder}") seconds=${2:?seconds a kind}
shift 2
command -v afl-fuzz >/dev/null || { echo "found no afl-fuzz; expected Debian's package afl++" >&2; exit 1; }

# The repository is looked for above the program. Files of a build may be links into the package cache: copies are instrumented.
program=$here/bin/instrumented
rm -rf "$program"
cp -rL "$here"/bin/Release/net10.0 "$program"
mkdir -p "$folder"/found
[ -x "$folder"/tools/sharpfuzz ] || dotnet tool install --tool-path "$folder"/tools SharpFuzz.CommandLine --version 2.3.0 >/dev/null
dotnet "$here"/bin/Release/net10.0/GlifMl.Fuzz.dll seeds "$folder"/seeds
for library in GlifMl.Datasets GlifMl.Simulation GlifMl.Onnx GlifMl.Pipelines GlifMl.Torch PureHDF YamlDotNet; do
    "$folder"/tools/sharpfuzz "$program/$library.dll" >/dev/null
done

export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
# afl-fuzz tells a hang from a slow case by this; the program's own start, in which it is compiled, counts too.
limit=20000
[ $# -gt 0 ] || set -- $(ls "$folder"/seeds)
for kind; do
    echo "== $kind"
    afl-fuzz -i "$folder/seeds/$kind" -o "$folder/found/$kind" -t "$limit" -m none -V "$seconds" \
        dotnet "$program"/GlifMl.Fuzz.dll "$kind" "$(ls "$folder/seeds/$kind" | head -n 1)" >"$folder/$kind.log" 2>&1 || tail -n 5 "$folder/$kind.log"
    grep -E "execs_done|execs_per_sec|corpus_count|saved_crashes|saved_hangs|bitmap_cvg" "$folder/found/$kind/default/fuzzer_stats" || true
done
