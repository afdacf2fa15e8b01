#!/usr/bin/env bash
# Fuzzes the wire library, OTLP/JSON and redaction against protobuf, and prints executions, seeds and failures.
# usage: eng/fuzz.sh [--minutes N] [--seed N]    10 minutes by default; a seed that failed is run again by --seed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=10
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=${2:?"--minutes needs a number"}; shift 2 ;;
    --seed) export STELLA_FUZZ_SEED=${2:?"--seed needs a number"}; shift 2 ;;
    -h | --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
    *) echo "not known: $1" >&2; exit 2 ;;
  esac
done
project=StellaOps.Telemetry.Otlp.FuzzTests
dotnet build tests/Otlp.FuzzTests -c Release -v q --nologo
report=$(mktemp)
trap 'rm -f "$report"' EXIT
export STELLA_FUZZ_MINUTES=$minutes STELLA_FUZZ_REPORT=$report
status=0
"artifacts/bin/$project/release/$project" --filter-class '*OtlpFuzzTests' --no-ansi || status=$?
cat "$report"
exit $status
