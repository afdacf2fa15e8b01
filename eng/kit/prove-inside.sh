#!/bin/sh
# The inside of eng/kit/prove.sh: root of a bare system without a route out. The kit is on /media/kit, a bundle of the outside on /media/evidence.
set -eu
fail() {
  echo "FAILED: $1"
  exit 1
}

[ "$(ip -o link | wc -l)" = 1 ] && [ -z "$(ip route)" ] || fail "there is a way out: $(ip route)"
for program in dotnet postgres initdb psql node npm curl; do
  ! command -v $program >/dev/null || fail "'$program' is here"
done
echo "links: lo alone; routes: none; programs: $(ls /bin | wc -l)"

sh /media/kit/import.sh /proof/kit.pub /opt/stella >/tmp/import.log 2>&1 || { cat /tmp/import.log; fail "import"; }
sed -n 's/^VERIFIED/verify.sh: VERIFIED/p; s/^ *did *//p' /tmp/import.log
sh /media/kit/import.sh /proof/kit.pub /opt/stella 2>/dev/null | sed -n 's/^ *did */and again: /p'

/opt/stella/current/start.sh --ports random --profile airgap >/tmp/stack.log 2>&1 &
stack=$!
n=0
until [ -e /opt/stella/state/endpoints.json ]; do
  n=$((n + 1))
  [ $n -lt 900 ] && kill -0 $stack 2>/dev/null || { tail -n 40 /tmp/stack.log; fail "the stack did not start"; }
  sleep 0.2
done
sed -n 's/.*\(ready in .* s\);.*/stack: \1/p' /tmp/stack.log
stella=/opt/stella/current/bin/stella
cd /proof
$stella telemetry verify "/media/evidence/$1" --key /proof/evidence.pub >/tmp/verify.log 2>&1 || { cat /tmp/verify.log; fail "verify"; }
$stella telemetry tenant add sealed --replay-target >/dev/null
endpoint() { tr ',{' '\n\n' </opt/stella/state/endpoints.json | sed -n "/ingest-gateway/,/name/s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
sleep 2
n=0
until $stella telemetry replay "/media/evidence/$1" --key /proof/evidence.pub --to "$(endpoint otlp-http)" --tenant sealed --gateway-url "$(endpoint http)" --output json >/tmp/replay.log 2>&1; do
  # The gateway has heard of a new tenant within seconds.
  n=$((n + 1))
  [ $n -lt 5 ] || { cat /tmp/replay.log; fail "replay"; }
  sleep 2
done
echo "replayed: $(tr -d ' \n' </tmp/replay.log)"
$stella telemetry capture --tenant sealed --from "$began" -o /proof/again >/tmp/capture.log 2>&1 || { cat /tmp/capture.log; fail "capture"; }
echo "sha256 $(cat /proof/again/*.tar.zst | sha256sum | cut -c 1-64)"
kill $stack
wait $stack || fail "the stack ended with $?"
[ -z "$(ps -e -o comm= | grep -E 'Stella|postgres' || true)" ] || fail "processes were left: $(ps -e -o comm=)"
echo "stopped, nothing left running"
