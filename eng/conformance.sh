#!/usr/bin/env bash
# Runs the published Sigstore conformance vectors through `stella evidence verify-bundle` and prints a table of what came of each.
# usage: eng/conformance.sh DIR     DIR: test/assets/bundle-verify of a checkout of the suite (github.com/sigstore/sigstore-conformance)
# A vector that must fail and was accepted, or one that must pass and was refused, ends it with 1. What needs a transparency log or an older form
# of bundles is not supported: it is listed so, and must be refused too. Nothing of the suite is kept here.
set -uo pipefail

[ $# -eq 1 ] && [ -e "$1/a.txt" ] || { sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
vectors=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/prepare.sh
need_dotnet
[ -n "${STELLA:-}" ] || { build cli >&2; STELLA=artifacts/bin/StellaOps.Telemetry.Cli/release/StellaOps.Telemetry.Cli; }

# What the suite takes where a vector names none: its README.
identity=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
issuer=https://token.actions.githubusercontent.com
declare -A count=([passed]=0 [refused]=0 [unsupported]=0 [wrong]=0)
echo "| vector | signed by | expected | verdict | why |"
echo "|---|---|---|---|---|"
for vector in "$vectors"/*/; do
  name=$(basename "$vector")
  artifact=$vectors/a.txt
  [ ! -e "$vector/artifact" ] || artifact=$vector/artifact
  arguments=(--bundle "$vector/bundle.sigstore.json")
  if [ -e "$vector/key.pub" ]; then
    by=key
    arguments+=(--key "$vector/key.pub")
  else
    by=identity
    arguments+=(--certificate-identity "$(cat "$vector/identity" 2>/dev/null || echo "$identity")" --certificate-oidc-issuer "$(cat "$vector/issuer" 2>/dev/null || echo "$issuer")")
  fi
  [ ! -e "$vector/trusted_root.json" ] || arguments+=(--trusted-root "$vector/trusted_root.json")
  said=$("$STELLA" evidence verify-bundle "${arguments[@]}" "$artifact" --output json 2>&1)
  code=$?
  expected=passes
  [[ $name != *_fail ]] || expected=fails
  case $code/$expected in
    0/passes) verdict=passed ;;
    1/*) verdict=unsupported ;;
    2/fails | 3/fails) verdict=refused ;;
    *) verdict=wrong ;;
  esac
  count[$verdict]=$((count[$verdict] + 1))
  why=$(printf %s "$said" | sed -nE 's/^ *"detail": "(.*)",?$/\1/p; s/^error: //p' | head -n 1 | cut -c 1-110)
  note=$(printf %s "$said" | sed -nE 's/^ *"notJudged": "(.*)",?$/; not judged: \1/p')
  echo "| $name | $by | $expected | $verdict | ${why//|//}${note//|//} |"
done
echo
echo "$((count[passed] + count[refused] + count[unsupported] + count[wrong])) vectors: ${count[passed]} passed, ${count[refused]} refused as they must be, ${count[unsupported]} not supported and refused, ${count[wrong]} wrong"
[ "${count[wrong]}" = 0 ]
