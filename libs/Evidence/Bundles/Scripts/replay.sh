#!/bin/sh
# Verifies a forensic bundle, then replays it into an OTLP endpoint and proves the counts against its manifest.
# usage: replay.sh BUNDLE PUBLIC-KEY ENDPOINT [options of `stella telemetry replay`]     for example: --rate 1000
set -eu

[ $# -ge 3 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
stella=${STELLA:-stella}
command -v "$stella" >/dev/null || { echo "FAILED: '$stella' is missing: install the StellaOps Telemetry command line, or name it in STELLA" >&2; exit 2; }
bundle=$1
key=$2
endpoint=$3
shift 3
"$stella" telemetry verify "$bundle" --key "$key"
exec "$stella" telemetry replay "$bundle" --key "$key" --to "$endpoint" "$@"
