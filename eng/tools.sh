#!/usr/bin/env bash
# Fetches the programs that tests meet as real peers into .tools/ (git-ignored). Nothing is installed; nothing is added to apt's sources.
# usage: eng/tools.sh [tool...]     no tool: all of them. A tool that is there already costs nothing.
set -uo pipefail

tools_all="cosign2 cosign3 redis-server promtool amtool alertmanager prometheus victoria-metrics moto_server"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=$root/.tools

usage() {
  sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
  echo "tools: $tools_all   (cosign: both cosign2, 2.5.0 of trixie, and cosign3, of sid)"
}

fail() {
  echo "tools: $1" >&2
  exit 1
}

# The machine's own Debian mirror, from whichever form its sources have.
mirror() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+\/debian)\/? .*/\2/p'
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -nE 's/^URIs: *([^ ]+\/debian)\/? *$/\1/p'; } | head -n 1
}

# apt with lists, cache and sources of its own: apt checks the suite's signature and each package's sha256, and the machine's apt sees nothing of it.
apt_of() {
  local suite=$1
  shift
  local base=$dest/.apt/$suite
  apt-get -qq -o Dir::Etc::sourcelist="$base/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$base/state" \
    -o Dir::State::status="$base/status" -o Dir::Cache="$base/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}

update_of() {
  local suite=$1 base=$dest/.apt/$1 uri
  [ -e "$base/updated" ] && return 0
  uri=$(mirror)
  [ -n "$uri" ] || fail "no Debian mirror in /etc/apt: cannot fetch from $suite"
  mkdir -p "$base/state/lists/partial" "$base/cache/archives/partial"
  : > "$base/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$base/sources.list"
  apt_of "$suite" update >"$base/update.log" 2>&1 || fail "cannot read the package list of $suite (no network?): $(tail -n 1 "$base/update.log")"
  touch "$base/updated"
}

# fetch NAME SUITE PACKAGE[=VERSION] PROGRAM [LIBRARY-PACKAGE...]: unpacks into .tools/NAME and links .tools/bin/NAME.
fetch() {
  local name=$1 suite=$2 package=$3 program=$4
  shift 4
  if [ -x "$dest/bin/$name" ]; then
    return 0
  fi
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "$name: needs apt-get and dpkg (Debian or Ubuntu)"
  update_of "$suite"
  local work=$dest/.fetch-$name one
  rm -rf "$work" "${dest:?}/$name"
  mkdir -p "$work" "$dest/$name" "$dest/bin"
  for one in "$package" "$@"; do
    (cd "$work" && apt_of "$suite" download "$one") >"$work.log" 2>&1 || fail "$name: cannot fetch $one of $suite: $(tail -n 1 "$work.log")"
  done
  for one in "$work"/*.deb; do
    dpkg -x "$one" "$dest/$name" || fail "$name: cannot unpack $(basename "$one")"
  done
  rm -rf "$work" "$work.log"
  [ -x "$dest/$name/$program" ] || fail "$name: $package of $suite has no $program"
  # A program that needs libraries of its own package set gets them by a wrapper; others are linked.
  if [ $# -gt 0 ]; then
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "%s" "$@"\n' "$dest/$name/usr/lib/$(uname -m)-linux-gnu" "$dest/$name/$program" > "$dest/bin/$name"
    chmod +x "$dest/bin/$name"
  else
    ln -sfn "../$name/$program" "$dest/bin/$name"
  fi
  echo "tools: $name from $package of $suite"
}

# Debian builds the folder of Alertmanager's default templates in, and without them it does not start. The copy gets another folder of the same
# length, the one it is started in, and a wrapper that starts it there: paths that it is given have to be absolute.
fetch_alertmanager() {
  [ -x "$dest/bin/alertmanager" ] && return 0
  fetch alertmanager bookworm prometheus-alertmanager usr/bin/prometheus-alertmanager
  local templates=$dest/alertmanager/usr/share/prometheus/alertmanager
  [ -e "$templates/default.tmpl" ] || fail "alertmanager: the package has no default.tmpl"
  LC_ALL=C sed -i 's#/usr/share/prometheus/alertmanager\([^/]\)#/proc/self/cwd////////////////////\1#g' "$dest/alertmanager/usr/bin/prometheus-alertmanager"
  rm "$dest/bin/alertmanager"
  printf '#!/bin/sh\ncd "%s" && exec "%s" "$@"\n' "$templates" "$dest/alertmanager/usr/bin/prometheus-alertmanager" > "$dest/bin/alertmanager"
  chmod +x "$dest/bin/alertmanager"
}

# A Python program of PyPI, in an environment of its own.
fetch_moto() {
  [ -x "$dest/bin/moto_server" ] && return 0
  command -v python3 >/dev/null || fail "moto_server: needs python3"
  mkdir -p "$dest/bin"
  { python3 -m venv "$dest/moto" && "$dest/moto/bin/pip" install -q 'moto[s3,server]==5.2.1'; } >"$dest/.moto.log" 2>&1 || fail "moto_server: cannot install moto: $(tail -n 1 "$dest/.moto.log")"
  ln -sfn ../moto/bin/moto_server "$dest/bin/moto_server"
  echo "tools: moto_server from PyPI"
}

# The machine's own program, when it has one.
system() {
  local name=$1 found
  found=$(command -v "$name") || return 1
  mkdir -p "$dest/bin"
  [ -e "$dest/bin/$name" ] || { ln -sfn "$found" "$dest/bin/$name" && echo "tools: $name is $found"; }
}

[ "${1:-}" = help ] || [ "${1:-}" = --help ] && { usage; exit 0; }
mkdir -p "$dest"
exec 9>"$dest/.lock"
flock 9
for tool in $(echo " ${*:-$tools_all} " | sed 's/ cosign / cosign2 cosign3 /'); do
  case $tool in
    cosign2) fetch cosign2 trixie "cosign=2.5.0*" usr/bin/cosign ;;
    cosign3) fetch cosign3 sid cosign usr/bin/cosign ;;
    redis-server) system redis-server || fetch redis-server bookworm redis-server usr/bin/redis-server redis-tools libjemalloc2 liblzf1 libatomic1 ;;
    prometheus) system prometheus || fetch prometheus bookworm prometheus usr/bin/prometheus ;;
    victoria-metrics) fetch victoria-metrics trixie "victoria-metrics=1.112*" usr/bin/victoria-metrics ;;
    moto_server) system moto_server || fetch_moto ;;
    alertmanager) system alertmanager || fetch_alertmanager ;;
    amtool) system amtool || fetch amtool bookworm prometheus-alertmanager usr/bin/amtool ;;
    promtool) system promtool || fetch promtool bookworm prometheus usr/bin/promtool ;;
    *) usage >&2; exit 2 ;;
  esac
done
