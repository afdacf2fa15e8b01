#!/bin/sh
# usage: verify.sh BUNDLE PUBLIC-KEY
# Verifies a forensic bundle of StellaOps Telemetry without a network. Needs sh, sha256sum, and openssl or cosign; with both, both judge.
#   BUNDLE      path of <name>.tar.zst, of one of its parts, or of both without their suffix
#   PUBLIC-KEY  of whoever signed it (PEM); when that is a further signer, <name>.<key id>.sigstore.json is judged
# A copy that travels with the evidence is no trust anchor: take the script and the key from a place you trust.
# Looks at signatures and digests; `stella telemetry verify` also recomputes what the manifest says of the records, and judges times.
# OPENSSL and COSIGN name the programs; empty: do not use that one.
set -eu
LC_ALL=C
export LC_ALL

die() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 3
}

usage() {
  printf '%s\n' 'usage: verify.sh BUNDLE PUBLIC-KEY' \
    '  BUNDLE      path of <name>.tar.zst, of one of its parts, or of both without their suffix' \
    '  PUBLIC-KEY  of whoever signed it (PEM), from a place you trust' \
    'Needs sh, sha256sum, and openssl or cosign. Needs no network.' >&2
  exit 2
}

# The first line of a file, into $line: everything here is one line without an end.
read_line() {
  line=
  IFS= read -r line < "$1" || [ -n "$line" ] || die "'$1' is empty"
}

digest_of() {
  digest=$(sha256sum < "$1") || die "cannot read '$1'"
  digest=${digest%% *}
}

# Base64 as it stands in JSON, after "<name>":" in $line, into $value.
value_of() {
  case $line in
    *"\"$1\":\""*) ;;
    *) die "'$bundle' has no $1" ;;
  esac
  value=${line#*"\"$1\":\""}
  value=${value%%\"*}
  case $value in
    ''|*[!A-Za-z0-9+/=]*) die "'$bundle': $1 is not base64" ;;
  esac
}

# openssl_verifies SIGNATURE FILE: the signature in base64.
openssl_verifies() {
  printf %s "$1" | "$openssl" base64 -d -A | "$openssl" dgst -sha256 -verify "$key" -signature /dev/stdin "$2" >/dev/null 2>&1
}

# Base64 without any program, from $1 into $text: by 256 characters, since a shell copies the rest of a string whenever it cuts a piece off.
decode() {
  rest=$1 text=
  four='????' mask=
  while [ ${#mask} -lt 256 ]; do
    mask=$mask$four
  done
  while [ -n "$rest" ]; do
    chunk=$rest
    rest=${rest#$mask}
    if [ "${#rest}" -lt "${#chunk}" ]; then
      chunk=${chunk%"$rest"}
    else
      rest=
    fi
    octal=
    while [ -n "$chunk" ]; do
      next=${chunk#????}
      four=${chunk%"$next"}
      chunk=$next
      number=0
      for at in '' '?' '??' '???'; do
        letter=${four#$at}
        letter=${letter%"${letter#?}"}
        before=${alphabet%%"$letter"*}
        number=$((number * 64 + ${#before} % 64))
      done
      octal=$octal$(printf '\\%03o\\%03o\\%03o' $((number >> 16)) $((number >> 8 & 255)) $((number & 255)))
    done
    case $four in
      *==) octal=${octal%????????} ;;
      *=) octal=${octal%????} ;;
    esac
    text=$text$(printf "$octal")
  done
}
alphabet=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/

# The root is one that trusts nobody: without any, cosign asks the network.
cosign_says() {
  said=$(printf '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' | "$cosign" "$@" 2>&1) || die "cosign: ${said##*
}"
}

[ $# -eq 2 ] || usage
key=$2
[ -r "$key" ] || die "cannot read the key '$key'"
case $1 in
  */*) folder=${1%/*} name=${1##*/} ;;
  *) folder=. name=$1 ;;
esac
name=${name%.tar.zst}
case $name in
  *.part[0-9][0-9][0-9][0-9]) name=${name%.part????} ;;
esac
command -v sha256sum >/dev/null || die "'sha256sum' is missing"
openssl=${OPENSSL-openssl}
cosign=${COSIGN-cosign}
[ -n "$openssl" ] && command -v "$openssl" >/dev/null || openssl=
[ -n "$cosign" ] && command -v "$cosign" >/dev/null || cosign=
[ -n "$openssl$cosign" ] || die "neither 'openssl' nor 'cosign' is there: one of them is needed"

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
  digest_of "$file"
  subjects="$subjects${subjects:+,}{\"digest\":{\"sha256\":\"$digest\"},\"name\":\"${file##*/}\"}"
done

# 3. The attestation: of the key's owner where there are several, else the first.
bundle=$folder/$name.sigstore.json
further=
for other in "$folder/$name".*.sigstore.json; do
  if [ -e "$other" ] && [ -n "$openssl" ]; then
    id=$("$openssl" pkey -pubin -in "$key" -outform DER 2>/dev/null | sha256sum)
    if [ "$other" = "$folder/$name.${id%% *}.sigstore.json" ]; then
      bundle=$other
      further=1
    fi
  fi
done
[ -r "$bundle" ] || die "cannot read '$bundle'"
read_line "$bundle"
case $line in
  '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"'*) ;;
  *) die "'$bundle' is not a Sigstore bundle v0.3 signed by a key (one signed by a certificate: stella telemetry verify)" ;;
esac
value_of payload
payload=$value
value_of sig
if [ -n "$openssl" ]; then
  text=$(printf %s "$payload" | "$openssl" base64 -d -A)
else
  decode "$payload"
fi
case $text in
  *",\"predicateType\":\"https://stella-ops.org/telemetry/bundle/v1\",\"subject\":[$subjects]}") ;;
  *) die "the attestation names other files, or another content of them" ;;
esac
if [ -n "$openssl" ]; then
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' ${#text}; printf %s "$text"; } | {
    exec 3<&0
    openssl_verifies "$value" /dev/fd/3
  } || die "the attestation is not signed by this key"
  echo "ok  attestation signed, names $# part(s) and the provenance, each unchanged"
fi

# 4. Each part's own signature, which is the first signer's.
for part in "$@"; do
  [ -z "$further" ] || break
  [ -r "$part.sig" ] || die "cannot read '$part.sig'"
  if [ -n "$openssl" ]; then
    read_line "$part.sig"
    openssl_verifies "$line" "$part" || die "'$part' is not signed by this key"
  else
    cosign_says verify-blob --key "$key" --signature "$part.sig" --insecure-ignore-tlog "$part"
  fi
  echo "ok  ${part##*/} signed"
done

# 5. The same again, or in its place, by a program that we did not write.
if [ -n "$cosign" ]; then
  for file in "$@" "$folder/$name.provenance.json"; do
    cosign_says verify-blob-attestation --key "$key" --bundle "$bundle" --new-bundle-format --trusted-root /dev/stdin --insecure-ignore-tlog \
      --type https://stella-ops.org/telemetry/bundle/v1 "$file"
    echo "ok  cosign verifies ${file##*/}"
  done
fi
echo "VERIFIED $name"
