#!/usr/bin/env bash
# Offers the gateway, pinned to one core, twice the load that it sustains there, and says PASS or FAIL of what has to hold then.
# usage: eng/overload.sh [--pipeline NAME] [--seconds N] [--limit MIB]
#   --pipeline NAME  passthrough, redaction, sampling (default) or forensic
#   --seconds N      length of the search for the sustainable rate (5); the overload lasts three times as long
#   --limit MIB      memory that the gateway may reach (400)
# example: eng/overload.sh --pipeline passthrough --limit 300
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
run_harness overload "$@"
