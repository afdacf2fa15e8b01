#!/bin/sh
# Starts the telemetry stack of this kit; Ctrl-C or SIGTERM stops it.
# usage: start.sh [--port-base N | --ports random] [--profile NAME] [--only NAME,...] [--state DIR]
# State is kept in STELLA_STATE, by default 'state' beside 'releases', so that it outlives an upgrade.
set -eu

case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
case $(uname -m) in
  x86_64) architecture=linux-x64 ;;
  aarch64) architecture=linux-arm64 ;;
  *) echo "this kit has programs for x86_64 and aarch64, not for $(uname -m)" >&2; exit 1 ;;
esac
if [ -z "${STELLA_STATE:-}" ]; then
  case $here in
    */releases/*) STELLA_STATE=${here%/releases/*}/state ;;
    *) STELLA_STATE=$here/state ;;
  esac
fi
# The last --state counts.
exec "$here/$architecture/apps/AppHost/StellaOps.Telemetry.AppHost" --state "$STELLA_STATE" "$@"
