#!/usr/bin/env bash
# Installs a kit where there is no way out and nothing but a bare system, replays a bundle there, and captures it again: the same sha256 must come.
# usage: eng/kit/prove.sh KIT KEY.pub WORK     KIT: a kit's archive with its companions beside it; WORK: an empty folder. Needs root, openssl, curl and iproute2
# The bare system is a folder of its own as root: a shell, coreutils and what .NET and PostgreSQL ask of a target, its libraries. It has its own
# network namespace, in which only loopback is up.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -eq 3 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "needs root, for namespaces and another root folder" >&2; exit 2; }
kit=$(realpath "$1") key=$(realpath "$2")
mkdir -p "$3"
work=$(cd "$3" && pwd -P)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  pids=()
}
trap stop EXIT
say() { printf '%4d s  %s\n' "$SECONDS" "$1"; }
await() { # await SECONDS COMMAND...
  local left=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.2
  done
}

# 1. Outside: the stack of a kit, traffic, a bundle. 4 requests of 250 spans, and one of 250 log records.
outside=$work/outside
sh "$(dirname "$kit")/import.sh" "$key" "$outside" >"$work/outside.import.log"
"$outside/current/start.sh" --ports random >"$work/outside.log" 2>&1 &
pids+=($!)
await 180 test -e "$outside/state/endpoints.json" || { tail -n 40 "$work/outside.log" >&2; exit 1; }
stella=$outside/current/bin/stella
"$stella" telemetry tenant add acme >/dev/null
secret=$("$stella" telemetry ingest-key new --tenant acme --description proof --output json 2>/dev/null | sed -nE 's/.*"secret": "([^"]*)".*/\1/p')
http=$(tr ',{' '\n\n' <"$outside/state/endpoints.json" | sed -nE 's/.*"otlp-http": *"([^"]*)".*/\1/p')
# request NUMBER KIND: ids and times follow from the number; mail addresses are there to be redacted.
request() {
  local i records="" now id
  now=$(date +%s%N)
  for i in $(seq 1 250); do
    id=$(printf '%06x%02x' "$i" "$1")
    if [ "$2" = traces ]; then
      records+=",{\"traceId\":\"$id$id$id$id\",\"spanId\":\"$id$id\",\"name\":\"GET /orders\",\"kind\":2,\"startTimeUnixNano\":\"$((now + i))\",\"endTimeUnixNano\":\"$((now + i + 1000000))\",\"attributes\":[{\"key\":\"user\",\"value\":{\"stringValue\":\"person$i@example.org\"}}]}"
    else
      records+=",{\"timeUnixNano\":\"$((now + i))\",\"body\":{\"stringValue\":\"order $i of person$i@example.org\"}}"
    fi
  done
  case $2 in
    traces) printf '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[%s]}]}]}' "${records#,}" ;;
    *) printf '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"logRecords":[%s]}]}]}' "${records#,}" ;;
  esac
}
send() { request "$1" "$2" | curl -sSf --max-time 20 -o /dev/null -H 'Content-Type: application/json' -H "Authorization: Bearer $secret" --data-binary @- "$http/v1/$2"; }
await 20 send 0 traces
for number in 1 2 3; do send "$number" traces; done
send 4 logs
"$stella" telemetry capture --tenant acme --from -10m -o "$work/evidence" >"$work/outside.capture.log" 2>&1 || { cat "$work/outside.capture.log" >&2; exit 1; }
cp "$outside/state/keys/evidence.pub" "$work/evidence.pub"
stop
bundle=$(basename "$work"/evidence/*.tar.zst)
hash=$(sha256sum <"$work/evidence/$bundle" | cut -c 1-64)
say "outside: captured $bundle, sha256 $hash"

# 2. A bare system. Programs and the libraries that they and the kit ask for; nothing of .NET, PostgreSQL, Node, nor of this checkout.
bare=$work/bare
mkdir -p "$bare"/{bin,etc,proc,dev,tmp,opt,media,proof,usr,var/tmp}
ln -s ../bin "$bare/usr/bin"
chmod 1777 "$bare/tmp" "$bare/var/tmp"
copy() { # copy FILE: with the libraries that it is linked to, at their places
  local file=$1 library
  for library in "$file" $(ldd "$file" 2>/dev/null | grep -oE '/[^ ]+' || true); do
    mkdir -p "$bare$(dirname "$library")"
    [ -e "$bare$library" ] || cp -L "$library" "$bare$library"
  done
}
for program in sh base64 cat chmod chown cp cut date dirname basename env grep head id kill ls mkdir mktemp mv ps readlink rm sed seq setpriv sha256sum sleep stat tail tr uname wc openssl ip; do
  path=$(command -v "$program" || true)
  # Those that a shell has built in have a file too.
  case $path in /*) ;; *) path=$(type -P "$program") ;; esac
  copy "$(realpath "$path")"
  [ -e "$bare/bin/$program" ] || cp -L "$path" "$bare/bin/$program"
done
# glibc whole, then what .NET asks of a system beside it.
for library in libc.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libm.so.6 libresolv.so.2 libutil.so.1 libnss_files.so.2 libgcc_s.so.1 libstdc++.so.6 libssl.so.3 libcrypto.so.3; do
  copy "$(ldconfig -p | awk -v name="$library" '$1 == name && /x86-64/ { print $NF; exit }')"
done
printf 'root:x:0:0::/proof:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$bare/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$bare/etc/group"
printf '127.0.0.1 localhost\n' >"$bare/etc/hosts"
mkdir "$bare/media/kit" "$bare/media/evidence"
cp "$(dirname "$kit")"/* "$bare/media/kit/"
cp "$work/evidence"/* "$bare/media/evidence/"
cp "$key" "$bare/proof/kit.pub"
cp "$work/evidence.pub" "$bare/proof/evidence.pub"
cp "$here/prove-inside.sh" "$bare/proof/"

# 3. Inside.
unshare --net --mount --pid --fork --kill-child sh -c "
  set -e
  ip link set lo up
  mount -t proc proc '$bare/proc'
  mount --rbind /dev '$bare/dev'
  exec chroot '$bare' /bin/env -i PATH=/bin HOME=/proof sh /proof/prove-inside.sh '$bundle'
" >"$work/inside.log" 2>&1 || { cat "$work/inside.log" >&2; exit 1; }
sed 's/^/        inside: /' "$work/inside.log"
again=$(sed -n 's/^sha256 //p' "$work/inside.log")
[ "$again" = "$hash" ] || { echo "inside, capturing what was replayed gives '$again', not $hash" >&2; exit 1; }
say "the same sha256 inside: $hash"
