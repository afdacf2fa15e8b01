#!/usr/bin/env bash
# Kills the gateway at random moments under load, while its target comes and goes, and counts what was acknowledged and what arrived.
# usage: eng/crash.sh [--kills N] [--seed N] [--durability write|fsync] [--archive folder|s3]     default: 200 kills, some ten minutes
# The last line is 'N kills, N records acknowledged, N arrived, N missing'; the exit code is 0 only if nothing is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_dotnet
build tests/Crash
exec dotnet artifacts/bin/StellaOps.Telemetry.Crash/release/StellaOps.Telemetry.Crash.dll "$@"
