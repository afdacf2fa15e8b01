#!/usr/bin/env bash
# Kills the capture worker at random moments of its retention; after each kill the archive is scrubbed, and what is held has to be whole.
# usage: eng/sweeper-crash.sh [KILLS]     default: 200, some eight minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_dotnet
need_postgres
build tests/CaptureWorker.FunctionalTests
STELLA_SWEEPER_KILLS=${1:-200} exec artifacts/bin/StellaOps.Telemetry.CaptureWorker.FunctionalTests/release/StellaOps.Telemetry.CaptureWorker.FunctionalTests \
  --no-ansi --output Detailed --show-live-output on --filter-class '*SweeperKillTests'
