#!/bin/sh
# time_command.sh NAME LOG COMMAND…: records of LOG a second of a command that reads it whole.
name=$1; log=$2; shift 2
command -v "$name" >/dev/null || { echo "$name: not installed, skipped"; exit 0; }
records=$(grep -c '' "$log")
start=$(date +%s%N)
"$@" >/dev/null 2>&1 </dev/null
took=$(( $(date +%s%N) - start ))
awk -v n="$name" -v r="$records" -v t="$took" \
  'BEGIN { printf "%-10s  %9d records  %8s events  %7.3f s  %10.0f records/s\n", n, r, "-", t / 1e9, r / t * 1e9 }'
