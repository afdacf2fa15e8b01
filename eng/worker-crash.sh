#!/usr/bin/env bash
# Kills the capture worker at random moments of its work; another one goes on, and what has to hold is looked at after each.
# usage: eng/worker-crash.sh captures [KILLS]     every bundle has to have the same hash, and nothing half done may be left
#        eng/worker-crash.sh retention [KILLS]    after each kill a scrub has to find nothing, and what is held has to be whole
#        KILLS: 200 by default, some fifteen minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  captures) tests=CaptureCrashTests ;;
  retention) tests=SweeperKillTests ;;
  -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
  *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac
source eng/prepare.sh
need_dotnet
need_postgres
build tests/CaptureWorker.FunctionalTests
STELLA_KILLS=${2:-200} exec artifacts/bin/StellaOps.Telemetry.CaptureWorker.FunctionalTests/release/StellaOps.Telemetry.CaptureWorker.FunctionalTests \
  --no-ansi --output Detailed --show-live-output on --filter-class "*$tests"
