#!/bin/bash
# An S3 server on this machine, npm's s3rver, for tests and for trying things out: nothing outside its folder.
#
#   bash tests/s3rver.sh up FOLDER [PORT]   starts it with a bucket `glifml`, and prints its address; then:
#     export AWS_ENDPOINT_URL_S3=ADDRESS AWS_ACCESS_KEY_ID=S3RVER AWS_SECRET_ACCESS_KEY=S3RVER
#   bash tests/s3rver.sh down FOLDER        ends it
#
# npm fetches s3rver into ~/.cache/glifml-s3rver, once.
set -eu
command=${1:?up or down} folder=$(realpath -m "${2:?a folder}") port=${3:-$((20000 + $$ % 20000))}

if [ "$command" = down ]; then
    [ ! -s "$folder/pid" ] || kill "$(cat "$folder/pid")" 2>/dev/null || true
    exit
fi

for program in node npm; do
    command -v "$program" >/dev/null || { echo "found no $program; expected node and npm" >&2; exit 1; }
done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/glifml-s3rver
if [ ! -x "$cache/node_modules/.bin/s3rver" ]; then
    mkdir -p "$cache"
    (cd "$cache" && timeout 120 npm install --no-audit --no-fund --silent s3rver@3.7.1 >&2) ||
        { echo "npm: found no way to fetch s3rver 3.7.1" >&2; exit 1; }
fi
mkdir -p "$folder/data"
# What it signs with is of an older OpenSSL.
NODE_OPTIONS=--openssl-legacy-provider nohup "$cache/node_modules/.bin/s3rver" --directory "$folder/data" --address 127.0.0.1 \
    --port "$port" --configure-bucket glifml >"$folder/log" 2>&1 &
echo $! >"$folder/pid"
for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        echo "http://127.0.0.1:$port"
        exit
    fi
    sleep 0.1
done
echo "s3rver: found no answer after ten seconds: $(tail -1 "$folder/log")" >&2
exit 1
