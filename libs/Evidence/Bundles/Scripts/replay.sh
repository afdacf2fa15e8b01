#!/bin/sh
# Verifies a forensic bundle, then replays it into an OTLP endpoint and proves the counts against its manifest. Run again after a cut, it goes on.
# usage: replay.sh BUNDLE PUBLIC-KEY ENDPOINT [options of `stella telemetry replay`]     for example: --tenant sealed --gateway-url URL --rate 1000
# The tenant has to be a replay target: stella telemetry tenant add sealed --replay-target
set -eu

[ $# -ge 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
stella=${STELLA:-stella}
command -v "$stella" >/dev/null || { echo "FAILED: '$stella' is missing: install the StellaOps Telemetry command line, or name it in STELLA" >&2; exit 2; }
bundle=$1
key=$2
endpoint=$3
shift 3
"$stella" telemetry verify "$bundle" --key "$key"
exec "$stella" telemetry replay "$bundle" --key "$key" --to "$endpoint" "$@"
