#!/usr/bin/env bash
# What a million spans cost the gateway by number of tenants, open incidents and policies that keep nothing, and by load.
# usage: eng/scale.sh [--only tenants|incidents|policies|rate] [--pipeline NAME] [--seconds N]
#   --only NAME      one of the four
#   --pipeline NAME  passthrough, redaction, sampling (default) or forensic
#   --seconds N      length of each measurement (5)
# example: eng/scale.sh --only tenants --seconds 10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness scale "$@"
