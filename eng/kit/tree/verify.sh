#!/bin/sh
# Verifies an Offline Kit of StellaOps Telemetry with sha256sum and openssl, and with cosign as well where there is one. Needs no network.
# usage: verify.sh KIT PUBLIC-KEY     KIT is the archive NAME.tar.zst, or its path without suffix
# A copy that travels with the kit is no trust anchor: take the script and the key from a place you trust.
# Looks at signatures and digests; `stella telemetry kit verify` also reads every file inside.
set -eu

die() {
  echo "FAILED: $1" >&2
  exit 3
}

[ $# -eq 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
for tool in sha256sum openssl base64 sed grep wc; do
  command -v "$tool" >/dev/null || die "'$tool' is missing. Where there is no openssl, compare the sha256 of stella-linux-* with what the signer says by another way; then 'stella-linux-* telemetry kit verify' does all this alone"
done
key=$2
[ -r "$key" ] || die "cannot read the key '$key'"
folder=$(dirname -- "$1")
name=$(basename -- "$1" | sed 's/\.tar\.zst$//')
archive=$folder/$name.tar.zst
attestation=$folder/$name.sigstore.json
for file in "$archive" "$archive.sig" "$attestation"; do
  [ -r "$file" ] || die "cannot read '$file'"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. The archive's own signature.
base64 -d < "$archive.sig" > "$work/sig" 2>/dev/null || die "'$archive.sig' is not base64"
openssl dgst -sha256 -verify "$key" -signature "$work/sig" "$archive" >/dev/null 2>&1 || die "'$archive' is not signed by this key"
echo "ok  $name.tar.zst signed"

# 2. The attestation: its signature covers the statement.
case $(cat "$attestation") in
  '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"'*) ;;
  *) die "'$attestation' is not a Sigstore bundle v0.3 signed by a key" ;;
esac
sed -n 's/.*"payload":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$attestation" | base64 -d > "$work/payload" 2>/dev/null || die "the attestation has no payload"
sed -n 's/.*"sig":"\([A-Za-z0-9+/=]*\)".*/\1/p' "$attestation" | base64 -d > "$work/sig" 2>/dev/null || die "the attestation has no signature"
printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload")" | cat - "$work/payload" > "$work/signed"
openssl dgst -sha256 -verify "$key" -signature "$work/sig" "$work/signed" >/dev/null 2>&1 || die "the attestation is not signed by this key"
grep -q '"predicateType":"https://stella-ops.org/telemetry/kit/v1","subject":\[{' "$work/payload" || die "the attestation is not one of a kit"
echo "ok  attestation signed"

# 3. What it names: the archive first, then what travels beside it, each unchanged. RFC 8785 gives the order of the keys.
sed 's/.*"subject":\[//' "$work/payload" | grep -o '{"digest":{"sha256":"[0-9a-f]*"},"name":"[A-Za-z0-9._+-]*"}' | sed 's/.*sha256":"\([0-9a-f]*\)"},"name":"\(.*\)"}/\1 \2/' > "$work/subjects"
[ "$(head -n 1 "$work/subjects" | cut -d ' ' -f 2)" = "$name.tar.zst" ] || die "the attestation is of another kit: $(head -n 1 "$work/subjects" | cut -d ' ' -f 2)"
while read -r digest file; do
  if [ ! -e "$folder/$file" ]; then
    echo "--  $file is not here"
  elif [ "$(sha256sum < "$folder/$file" | cut -c 1-64)" = "$digest" ]; then
    echo "ok  $file unchanged"
  else
    die "'$file' is not what was signed"
  fi
done < "$work/subjects"

# 4. The same again by a program that we did not write. Always with a trusted root: without one cosign asks the network.
cosign=${COSIGN:-cosign}
if command -v "$cosign" >/dev/null; then
  printf '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' > "$work/root.json"
  # cosign 3 takes this form unasked and will drop the option one day.
  form=$("$cosign" verify-blob-attestation --help 2>/dev/null | grep -q -- --new-bundle-format && echo --new-bundle-format || true)
  # Without the variable it reads no file above 128 MiB.
  COSIGN_MAX_ATTACHMENT_SIZE=70GB "$cosign" verify-blob-attestation --key "$key" --bundle "$attestation" $form --trusted-root "$work/root.json" --insecure-ignore-tlog \
    --type https://stella-ops.org/telemetry/kit/v1 "$archive" >"$work/cosign" 2>&1 || die "cosign: $(tail -n 1 "$work/cosign")"
  echo "ok  cosign verifies $name.tar.zst"
fi
echo "VERIFIED $name"
