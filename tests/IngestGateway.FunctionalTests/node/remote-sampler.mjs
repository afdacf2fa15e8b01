// A third party's Jaeger remote sampler that polls SAMPLING_ENDPOINT for SAMPLING_SERVICE until the share of new traces it samples was each of
// SAMPLING_SHARES ("0.1,1,0.1"), in this order. Prints the shares that it saw as one JSON line.
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { JaegerRemoteSampler } from '@opentelemetry/sampler-jaeger-remote';
import { randomBytes } from 'node:crypto';

// The sampler has no option for headers: it calls the global fetch.
const plain = globalThis.fetch;
globalThis.fetch = url => plain(url, { headers: { authorization: `Bearer ${process.env.SAMPLING_TOKEN}` } });

const sampler = new JaegerRemoteSampler({
  endpoint: process.env.SAMPLING_ENDPOINT,
  serviceName: process.env.SAMPLING_SERVICE,
  poolingInterval: 20,
  initialSampler: { shouldSample: () => ({ decision: 0 }), toString: () => 'none yet' },
});

const ids = Array.from({ length: 4000 }, () => randomBytes(16).toString('hex'));
const share = () => ids.filter(id => sampler.shouldSample(ROOT_CONTEXT, id, 'work', SpanKind.SERVER, {}, []).decision === 2).length / ids.length;
const wanted = process.env.SAMPLING_SHARES.split(',').map(Number);
const seen = [];
const ends = Date.now() + 45000;
const look = setInterval(() => {
  const now = share();
  if (Math.abs(now - wanted[seen.length]) < 0.03) {
    seen.push(now);
  }

  if (seen.length === wanted.length || Date.now() > ends) {
    clearInterval(look);
    console.log(JSON.stringify(seen));
    process.exit(seen.length === wanted.length ? 0 : 1);
  }
}, 20);
