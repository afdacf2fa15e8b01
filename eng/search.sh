#!/usr/bin/env bash
# Measures how fast the archive is searched: gigabytes of content a second, beside `zstd -dc` of the same files, the limit.
# usage: eng/search.sh [--gigabytes N] [--segment MIB] [--rounds N]
#   --gigabytes N    content of the archive that is written for it (2)
#   --segment MIB    content of a segment (8, what a gateway fills by default)
#   --rounds N       how often each search is measured; the median counts (3)
# example: eng/search.sh --gigabytes 0.5 --rounds 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
command -v zstd >/dev/null || fail "zstd is missing: install the package 'zstd'"
run_harness search "$@"
