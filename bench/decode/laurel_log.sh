#!/bin/sh
# laurel_log.sh LOG: laurel with its defaults over a log, its output thrown away.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'directory = "%s"\nuser = "%s"\n[auditlog]\nfile = "audit.log"\nsize = 100000000\ngenerations = 1\n' \
  "$folder" "$(id -un)" >"$folder/laurel.toml"
laurel -c "$folder/laurel.toml" <"$1"
