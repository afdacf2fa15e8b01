#!/usr/bin/env bash
# Builds everything and runs the tests with what they need.
# usage: ./test.sh [NAME...]    all test projects, or those whose name contains one of these: ./test.sh Otlp AppHost
# The last line is 'N passed, N failed, N skipped'; the exit code is 0 only if tests ran and none failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh

projects=()
for folder in tests/*Tests/; do
  name=$(basename "$folder")
  chosen=$([ $# -eq 0 ] && echo yes)
  for wanted in "$@"; do [[ $name == *"$wanted"* ]] && chosen=yes; done
  [ "$chosen" = yes ] && projects+=("$name")
done
[ ${#projects[@]} -gt 0 ] || fail "no test project has a name with: $*"

# Whoever reads the last line finds one also when the build or a dependency fails: that counts as one failure.
reports=$(mktemp -d) said=no
trap '[ $said = yes ] || echo "0 passed, 1 failed, 0 skipped"; rm -rf "$reports"' EXIT
need_dotnet
need_postgres
ask_for_aspire
need_peers

# Chosen ones are built alone, which is what makes a single project quick.
if [ $# -eq 0 ]; then
  build StellaOps.Telemetry.Aspire.sln
else
  for name in "${projects[@]}"; do build "tests/$name"; done
fi
[ "${CI:-}" = true ] && dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1

# One line of numbers per project in $reports/NAME.count: passed failed skipped. A program that ends badly, or runs no test, counts as a failure.
run() {
  local name=$1 report=$reports/$1.txt code total bad skip began=$SECONDS why=""
  local project=StellaOps.Telemetry.$name
  # A hang ends; the slowest, end to end, takes five minutes on two quiet cores, and twice as long on busy ones.
  timeout -k 10 1500 "artifacts/bin/$project/release/$project" --no-ansi \
    --report-xunit-trx --report-xunit-trx-filename "$name.trx" --results-directory "$reports" >"$report" 2>&1 </dev/null
  code=$?
  # The summary is the platform's: "  total: 9", "  failed: 0", "  succeeded: 8", "  skipped: 1".
  count() { grep -oE "^ +$1: [0-9]+" "$report" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }
  total=$(count total) bad=$(count failed) skip=$(count skipped)
  if [ "$bad" -eq 0 ] && { [ $code -ne 0 ] || [ "$total" -eq 0 ]; }; then
    bad=1 total=$((total + 1))
    why=" (exit code $code, $((total - 1)) tests)"
  fi
  [ "$bad" -gt 0 ] && tail -n 400 "$report"
  printf '%-36s %4d passed %4d failed %4d skipped %4d s%s\n' "$name" $((total - bad - skip)) "$bad" "$skip" $((SECONDS - began)) "$why"
  echo "$((total - bad - skip)) $bad $skip" >"$reports/$name.count"
}

# Two at a time; those alone that count on the machine, since they measure how soon something happens.
echo "running ${#projects[@]} test projects"
alone=() running=0
for name in "${projects[@]}"; do
  case $name in
    IncidentService.FunctionalTests | IngestGateway.FunctionalTests | EndToEnd.Tests | AppHost.Tests) alone+=("$name"); continue ;;
  esac
  [ $running -ge 2 ] && wait -n
  run "$name" &
  running=$((running + 1))
done
wait
for name in ${alone[@]+"${alone[@]}"}; do run "$name"; done

# Where the time went: what takes long is looked at before it is too long.
slowest() {
  echo "the slowest tests, in seconds:"
  cat "$reports"/*.trx 2>/dev/null | grep -o '<UnitTestResult [^>]*' |
    sed -nE 's/.*testName="(StellaOps\.Telemetry\.)?([^"]*)".* duration="([0-9]+):([0-9]+):([0-9]+\.[0-9]).*/\3 \4 \5 \2/p' |
    awk '{ printf "%8.1f %s\n", $1 * 3600 + $2 * 60 + $3, $4 }' | sort -rn | head -n 15
}
[ $# -eq 0 ] && slowest

# What failed, by name and beginning, stands at the very end: what services log is long, and a log's end is what people see first.
for name in "${projects[@]}"; do
  grep -hE -A 10 '^failed ' "$reports/$name.txt" | cut -c 1-400 | head -n 120
done

passed=0 failed=0 skipped=0
for name in "${projects[@]}"; do
  read -r p f s <"$reports/$name.count" || { p=0 f=1 s=0; echo "$name gave no result"; }
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
said=yes
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
