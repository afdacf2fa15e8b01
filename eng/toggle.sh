#!/usr/bin/env bash
# Starts incidents with many gateways running, and says how long after the answer the last of them decides by it.
# usage: eng/toggle.sh [--gateways N] [--toggles N] [--redis garnet|redis-server]
#   --gateways N     gateway processes (20)
#   --toggles N      incidents, one after the other (100)
#   --redis NAME     only one of the servers; without it both
# example: eng/toggle.sh --toggles 20 --redis garnet
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_postgres
eng/tools.sh redis-server
run_harness toggle "$@"
