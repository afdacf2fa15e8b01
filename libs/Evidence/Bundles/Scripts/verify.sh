#!/bin/sh
# Verifies a forensic bundle of StellaOps Telemetry with sha256sum and openssl, and with cosign as well where there is one. Needs no network.
# usage: verify.sh BUNDLE PUBLIC-KEY     BUNDLE is the path of <name>.tar.zst, of one of its parts, or of both without their suffix
# A copy that travels with the evidence is no trust anchor: take the script and the key from a place you trust.
# Looks at signatures and digests; `stella telemetry verify` also recomputes what the manifest says of the records.
set -eu

die() {
  echo "FAILED: $1" >&2
  exit 3
}

[ $# -eq 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
for tool in sha256sum openssl base64 sed wc tail; do
  command -v "$tool" >/dev/null || die "'$tool' is missing"
done
key=$2
[ -r "$key" ] || die "cannot read the key '$key'"
folder=$(dirname -- "$1")
name=$(basename -- "$1" | sed -E 's/(\.part[0-9]{4})?\.tar\.zst$//')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. The files: one archive, or parts from 0001 without holes.
if [ -e "$folder/$name.tar.zst" ]; then
  set -- "$folder/$name.tar.zst"
  for part in "$folder/$name".part[0-9][0-9][0-9][0-9].tar.zst; do
    [ ! -e "$part" ] || die "there is both a whole archive and parts of one"
  done
else
  set --
  number=1
  for part in "$folder/$name".part[0-9][0-9][0-9][0-9].tar.zst; do
    [ "$part" = "$folder/$name.part$(printf %04d $number).tar.zst" ] && [ -e "$part" ] || die "no archive, or a part is missing: $part"
    set -- "$@" "$part"
    number=$((number + 1))
  done
fi

# 2. Each file's digest, in the form and order in which the statement must name them.
subjects=
for file in "$@" "$folder/$name.provenance.json"; do
  [ -r "$file" ] || die "cannot read '$file'"
  digest=$(sha256sum < "$file" | cut -c 1-64)
  subjects="$subjects${subjects:+,}{\"digest\":{\"sha256\":\"$digest\"},\"name\":\"$(basename -- "$file")\"}"
done

# 3. The attestation: its signature covers the statement, the statement names exactly these files.
bundle=$folder/$name.sigstore.json
[ -r "$bundle" ] || die "cannot read '$bundle'"
case $(cat "$bundle") in
  '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"'*) ;;
  *) die "'$bundle' is not a Sigstore bundle v0.3 signed by a key" ;;
esac
sed -n 's/.*"payload":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$bundle" | base64 -d > "$work/payload" 2>/dev/null || die "the attestation has no payload"
sed -n 's/.*"sig":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$bundle" | base64 -d > "$work/sig" 2>/dev/null || die "the attestation has no signature"
printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload")" | cat - "$work/payload" > "$work/signed"
openssl dgst -sha256 -verify "$key" -signature "$work/sig" "$work/signed" >/dev/null 2>&1 || die "the attestation is not signed by this key"
expected=",\"predicateType\":\"https://stella-ops.org/telemetry/bundle/v1\",\"subject\":[$subjects]}"
[ "$(tail -c ${#expected} "$work/payload")" = "$expected" ] || die "the attestation names other files, or another content of them"
echo "ok  attestation signed, names $# part(s) and the provenance, each unchanged"

# 4. Each part's own signature.
for part in "$@"; do
  [ -r "$part.sig" ] || die "cannot read '$part.sig'"
  base64 -d < "$part.sig" > "$work/sig" 2>/dev/null || die "'$part.sig' is not base64"
  openssl dgst -sha256 -verify "$key" -signature "$work/sig" "$part" >/dev/null 2>&1 || die "'$part' is not signed by this key"
  echo "ok  $(basename -- "$part") signed"
done

# 5. The same again by a program that we did not write. Always with a trusted root: without one cosign asks the network.
cosign=${COSIGN:-cosign}
if command -v "$cosign" >/dev/null; then
  printf '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' > "$work/root.json"
  for file in "$@" "$folder/$name.provenance.json"; do
    "$cosign" verify-blob-attestation --key "$key" --bundle "$bundle" --new-bundle-format --trusted-root "$work/root.json" --insecure-ignore-tlog \
      --type https://stella-ops.org/telemetry/bundle/v1 "$file" >"$work/cosign" 2>&1 || die "cosign: $(tail -n 1 "$work/cosign")"
    echo "ok  cosign verifies $(basename -- "$file")"
  done
fi
echo "VERIFIED $name"
