#!/usr/bin/env bash
# Fills an archive with an hour of several tenants' spans, by the real writer, and captures one tenant's: seconds, CPU, memory of the worker.
# usage: eng/capture-scale.sh [--spans N] [--tenants N] [--gateways N] [--captures N] [--limit MIB] [--folder DIR] [--set KEY=VALUE]...
#   --spans N     in the archive (50e6: 56 GB of content; some minutes, 20 GB of disk)
#   --tenants N   who share them (5); the hour of the first one is captured
#   --gateways N  who accepted them (3)
#   --captures N  captures of that hour, each by another worker (1); their hashes must be the same
#   --limit MIB   what the worker's memory must stay below (500)
#   --folder DIR  where all of it lies until the end (artifacts/benchmarks/captures); must not exist
#   --set KEY=VALUE  more environment of the worker
# example: eng/capture-scale.sh --spans 1e6 --captures 2
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,11s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness captures "$@"
