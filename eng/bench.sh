#!/usr/bin/env bash
# Measures what the ingest gateway costs: processor seconds per million spans, memory, throughput, losses; beside the floor, a proxy that copies bytes.
# usage: eng/bench.sh [--json FILE] [--only NAME,...] [--seconds N] [--warmup N] [--runs N] [--set NAME=VALUE]... [--gateway DLL] [--keep]
#   --json FILE       also write the results as a JSON array
#   --only NAMES      these pipelines only: passthrough,floor or sampling,'sampling/*','*/paced'; an unknown name prints all
#   --seconds N       length of a measurement (10; of those measured once, half); --warmup N: seconds of load before it (14)
#   --runs N          how often the five named pipelines are measured; the median counts (3)
#   --set NAME=VALUE  an environment variable of the gateway, such as --set DOTNET_TieredPGO=0
#   --gateway DLL     another build of the gateway
#   --keep            leave logs and data in artifacts/benchmarks
# examples:
#   eng/bench.sh --json bench.json                               everything, in under 15 minutes
#   eng/bench.sh --only passthrough,floor --seconds 5 --runs 1   half a minute, while tuning
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,13s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness "$@"
