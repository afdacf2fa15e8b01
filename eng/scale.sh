#!/usr/bin/env bash
# What a million spans cost the gateway by number of tenants, open incidents and policies that keep nothing, and by load.
# A quarter of an hour; medians, each row beside the base (one tenant, no incidents, as fast as it goes) of its own round.
# usage: eng/scale.sh [--only tenants|incidents|policies|rate[=N]] [--rounds N] [--pipeline NAME] [--seconds N]
#   --only NAME[=N]  one of the four, or one row of it, beside the base
#   --rounds N       how often each is measured (3)
#   --pipeline NAME  passthrough, redaction, sampling (default) or forensic
#   --seconds N      length of each measurement (5)
# example: eng/scale.sh --only tenants=1000 --seconds 10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,9s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness scale "$@"
