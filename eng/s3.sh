#!/usr/bin/env bash
# Puts objects of a segment's size into a bucket of an S3 server (moto, or the rclone that STELLA_TEST_S3 names) on loopback and reads them back, beside the same with a folder.
# usage: eng/s3.sh [--objects N] [--mib N] [--parallel N] [--rounds N]     default: 24 objects of 32 MiB, 2 at once, 3 rounds
# example: eng/s3.sh --rounds 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
esac
source eng/prepare.sh
[ -n "${STELLA_TEST_S3:-}" ] || eng/tools.sh moto_server
run_harness s3 "$@"
