#!/usr/bin/env bash
# Offers the gateway 70 % of its capacity for half an hour, prints memory and latency by the minute, and says whether they stay flat.
# usage: eng/soak.sh [--minutes N] [--load SHARE] [--pipeline NAME]
#   --minutes N      how long (30)
#   --load SHARE     share of the capacity (0.7)
#   --pipeline NAME  passthrough, redaction, sampling (default) or forensic
# example: eng/soak.sh --minutes 2
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness soak "$@"
