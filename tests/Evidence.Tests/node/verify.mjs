// A third party's verifier over the list of cases in the file that CASES names:
// [{ name, bundle, artifact?, key?, root?, identity?, issuer? }], all paths. Prints [{ name, ok, why }].
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';

const empty = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };

function verify(one) {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(one.bundle, 'utf8')));
  const root = TrustedRoot.fromJSON(one.root ? { ...empty, ...JSON.parse(readFileSync(one.root, 'utf8')) } : empty);
  const key = one.key && createPublicKey(readFileSync(one.key, 'utf8'));
  const trust = toTrustMaterial(root, () => {
    if (!key) {
      throw new Error('no key');
    }

    return { publicKey: key, validFor: () => true };
  });
  const timestamps = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps.length ?? 0;
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: one.identity ? 1 : Math.min(1, timestamps) });
  const policy = one.identity ? { subjectAlternativeName: one.identity, extensions: { issuer: one.issuer } } : undefined;
  verifier.verify(toSignedEntity(bundle, one.artifact ? readFileSync(one.artifact) : undefined), policy);
}

const cases = JSON.parse(readFileSync(process.env.CASES, 'utf8'));
console.log(JSON.stringify(cases.map(one => {
  try {
    verify(one);
    return { name: one.name, ok: true, why: '' };
  } catch (e) {
    return { name: one.name, ok: false, why: String(e.message ?? e) };
  }
})));
