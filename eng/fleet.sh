#!/usr/bin/env bash
# Runs a fleet of simulated agents against one profile service, rolls a profile out to all of them, and says PASS or FAIL of what has to hold.
# usage: eng/fleet.sh [--agents N] [--polling N] [--judging N] [--canary N|P%] [--soak SECONDS] [--idle SECONDS]
#   --agents N       agents in all (2000)
#   --polling N      of them, how many poll over HTTP instead of holding a WebSocket (100)
#   --judging N      of them, how many judge signatures as a gateway does on its own machine (40)
#   --canary N|P%    the first batch; each later one is twice as large (1%)
#   --soak SECONDS   how long each batch is watched (5)
#   --idle SECONDS   how long the fleet is watched before the rollout (60)
# example: eng/fleet.sh --agents 200 --idle 10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,10s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_postgres
run_harness fleet "$@"
