#!/usr/bin/env bash
# Step 2 on one machine, to try it: two workers that talk over the loopback. Usage: two-workers.sh FOLDER [PYTHON]
set -euo pipefail
folder=$1 python=${2:-python3} here=$(dirname "$0")
workers='["127.0.0.1:23456", "127.0.0.1:23457"]'
for index in 1 0; do
  TF_CONFIG="{\"cluster\": {\"worker\": $workers}, \"task\": {\"type\": \"worker\", \"index\": $index}}" \
    timeout 300 "$python" "$here/train.py" "$folder" &
done
wait -n
wait
