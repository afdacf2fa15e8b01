#!/usr/bin/env bash
# Starts a thousand incidents within ten seconds for a tenant under load, and says what that costs the gateway, and that ceilings hold.
# usage: eng/storm.sh [--rounds N]
#   --rounds N       how often (3)
# example: eng/storm.sh --rounds 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_postgres
eng/tools.sh redis-server
run_harness storm "$@"
