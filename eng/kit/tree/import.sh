#!/bin/sh
# Verifies the Offline Kit that this script lies beside, and imports it. Needs no network and none of the kit's own kind of software.
# usage: import.sh PUBLIC-KEY DIR [options of `stella telemetry kit import`]     DIR: releases/, current, previous come to be there
# A copy that travels with the kit is no trust anchor: take the key from a place you trust.
set -eu

die() {
  echo "FAILED: $1" >&2
  exit "$2"
}

[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
key=$1
target=$2
shift 2
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
case $(uname -m) in
  x86_64) architecture=linux-x64 ;;
  aarch64) architecture=linux-arm64 ;;
  *) die "this kit has programs for x86_64 and aarch64, not for $(uname -m)" 1 ;;
esac
[ -e "$here/stella-$architecture" ] || die "there is no '$here/stella-$architecture'" 1
set -- "$@" --key "$key"
archive=
for file in "$here"/*.tar.zst; do
  [ -z "$archive" ] && [ -e "$file" ] || die "there is not exactly one archive in '$here'" 1
  archive=$file
done
if command -v openssl >/dev/null; then
  sh "$here/verify.sh" "$archive" "$key"
else
  echo "no openssl here: only the program that came with the kit verifies it. Its sha256, to compare by another way: $(sha256sum < "$here/stella-$architecture" | cut -c 1-64)"
fi

# Media are often mounted so that nothing on them runs.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/stella-$architecture" "$work/stella"
chmod 700 "$work/stella"
status=0
"$work/stella" telemetry kit import "$archive" --to "$target" "$@" || status=$?
exit $status
