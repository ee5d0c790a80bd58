#!/bin/sh
# hyparquet-writer 0.17.0 (npm) writes; pyarrow 26.0.1 and duckdb 2.0.1 (PyPI) read the same file.
# Needs Node.js 20 or later, and python3 with venv.
#
# hyparquet-writer gives a Date column the converted type TIMESTAMP_MILLIS and no logical type.
# Parquet's LogicalTypes.md calls that the same as a timestamp with isAdjustedToUTC = true.
#
# One would guess: both readers give an instant.
# Seen: pyarrow gives timestamp[ms, tz=UTC]; duckdb gives TIMESTAMP, a local time. Where the zone of
# the session is not UTC, the value compares as another instant: with America/New_York it is five
# hours later, and is not equal to the instant that was written. duckdb's own files, which have the
# logical type, come back as TIMESTAMP WITH TIME ZONE.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . hyparquet-writer@0.17.0 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 duckdb==2.0.1
cat > write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
const column = { name: "moment", data: [new Date("2026-01-01T00:00:00.123Z")] };
writeFileSync("a.parquet", Buffer.from(parquetWriteBuffer({ columnData: [column] })));
JS
node write.mjs
cat > read.py <<'PY'
import duckdb
import pyarrow.parquet

print("pyarrow", pyarrow.parquet.read_table("a.parquet").schema.field("moment").type)
connection = duckdb.connect()
instant = "timestamptz '2026-01-01 00:00:00.123+00'"
connection.execute(f"copy (select {instant} as moment) to 'b.parquet'")
for zone in ("UTC", "America/New_York"):
    connection.execute(f"set timezone = '{zone}'")
    for file in ("a", "b"):
        query = f"select typeof(moment), moment = {instant} from '{file}.parquet'"
        print("duckdb", zone, file, *connection.sql(query).fetchall()[0])
PY
env/bin/python read.py > seen
cat seen
cat > expected <<'END'
pyarrow timestamp[ms, tz=UTC]
duckdb UTC a TIMESTAMP True
duckdb UTC b TIMESTAMP WITH TIME ZONE True
duckdb America/New_York a TIMESTAMP False
duckdb America/New_York b TIMESTAMP WITH TIME ZONE True
END
diff expected seen
