#!/usr/bin/env bash
# Starts the telemetry stack from a fresh clone: gets what is missing, builds, runs AppHost.
# usage: ./run.sh [AppHost options]     the stack; Ctrl-C stops it. Options: --state DIR, --port-base N, --ports random, --profile NAME
#        ./run.sh demo [options]        the whole story, step by step; exit code 0 only if every step held
#        ./run.sh --aspire              with the Aspire engine, or not at all
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "${1:-}" in
  -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
need_dotnet
need_postgres
ask_for_aspire
if [[ " $* " == *" --aspire "* ]]; then
  export UseAspire=true
fi

project=AppHost
if [ "${1:-}" = demo ]; then
  project=tests/Demo
  shift
fi
build AppHost
build cli
[ "$project" = AppHost ] || build "$project"

# The program itself, not 'dotnet run' around it: signals reach it, and nothing stands between when it is killed.
program=$(basename "$project"/*.csproj .csproj)
exec dotnet "artifacts/bin/$program/release/$program.dll" "$@"
