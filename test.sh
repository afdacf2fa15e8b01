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
need_dotnet
need_postgres
ask_for_aspire
echo "getting the tests' peers"
eng/tools.sh || { [ "${CI:-}" = true ] && fail "the tests' peers could not be fetched"; }
if [ -e tests/EndToEnd.Tests/package.json ] && [ ! -d tests/EndToEnd.Tests/node_modules ]; then
  command -v npm >/dev/null || fail "npm is missing: the end-to-end tests send with Node's OpenTelemetry SDK"
  (cd tests/EndToEnd.Tests && npm ci --silent --no-fund --no-audit) || fail "npm ci failed in tests/EndToEnd.Tests"
fi
build StellaOps.Telemetry.Aspire.sln

passed=0 failed=0 skipped=0
for folder in tests/*Tests/; do
  name=$(basename "$folder")
  if [ $# -gt 0 ]; then
    chosen=no
    for wanted in "$@"; do [[ $name == *"$wanted"* ]] && chosen=yes; done
    [ $chosen = yes ] || continue
  fi
  project="StellaOps.Telemetry.$name"
  program="artifacts/bin/$project/release/$project"
  grep -rq --include='*.cs' -E '\[(Fact|Theory)|Tests?\b' "$folder" 2>/dev/null || continue
  report=$(mktemp)
  timeout -k 10 600 "$program" --no-ansi >"$report" 2>&1
  code=$?
  # xunit's summary: "Total: 9, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0.5s"; the platform's: "total: 9 / failed: 0 / succeeded: 8 / skipped: 1".
  count() { grep -oiE "\b$1:? +[0-9]+" "$report" | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }
  total=$(count total) bad=$(( $(count failed) + $(count errors) )) skip=$(count skipped)
  if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then
    bad=1 total=$((total + 1))
    echo "$name ended with exit code $code"
  fi
  [ "$bad" -gt 0 ] && cat "$report"
  printf '%-36s %4d passed %4d failed %4d skipped\n' "$name" $((total - bad - skip)) "$bad" "$skip"
  passed=$((passed + total - bad - skip)) failed=$((failed + bad)) skipped=$((skipped + skip))
  rm -f "$report"
done
[ $((passed + failed)) -gt 0 ] || echo "no test ran"
code=0
{ [ "$failed" -gt 0 ] || [ $((passed + failed)) -eq 0 ]; } && code=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $code
