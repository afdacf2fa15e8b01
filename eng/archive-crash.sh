#!/usr/bin/env bash
# Kills a process that writes, joins and signs an archive at random moments, scrubs after each kill and looks for every acknowledged record.
# usage: eng/archive-crash.sh [--kills N] [--seed N]     default: 200 kills, some five minutes
# The last line is 'N kills, N records acknowledged, N missing, N findings, ...'; the exit code is 0 only if nothing is missing or wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_dotnet
build tests/ArchiveCrash
exec dotnet artifacts/bin/StellaOps.Telemetry.ArchiveCrash/release/StellaOps.Telemetry.ArchiveCrash.dll "$@"
