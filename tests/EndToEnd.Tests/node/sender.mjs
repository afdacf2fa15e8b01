// Sends traces, logs and metrics with a third party's SDK to the endpoint that OTEL_EXPORTER_OTLP_* name, and prints one JSON line:
// {"spans":[{"traceId","spanId","error"}],"failed":N}. A span is listed only when its export was acknowledged.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { SpanStatusCode, context, logs, metrics, trace } from '@opentelemetry/api';

const traces = Number(process.env.SENDER_TRACES ?? '20');
const text = process.env.SENDER_TEXT ?? 'nothing special';
const acknowledged = [];
let failed = 0;

const { OTLPTraceExporter } = await import({
  'grpc': '@opentelemetry/exporter-trace-otlp-grpc',
  'http/protobuf': '@opentelemetry/exporter-trace-otlp-proto',
  'http/json': '@opentelemetry/exporter-trace-otlp-http',
}[process.env.OTEL_EXPORTER_OTLP_PROTOCOL]);

// The SDK's own exporter, with an ear on its result.
const exporter = new OTLPTraceExporter();
const traceExporter = {
  export(spans, done) {
    exporter.export(spans, result => {
      if (result.code === 0) {
        for (const span of spans) {
          acknowledged.push({ traceId: span.spanContext().traceId, spanId: span.spanContext().spanId, error: span.status.code === SpanStatusCode.ERROR });
        }
      } else {
        failed += spans.length;
        console.error(String(result.error));
      }
      done(result);
    });
  },
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  shutdown: () => exporter.shutdown(),
};

const sdk = new NodeSDK({ traceExporter });
sdk.start();
const tracer = trace.getTracer('third-party-sender', '1.0.0');
const logger = logs.getLogger('third-party-sender', '1.0.0');
const counter = metrics.getMeter('third-party-sender').createCounter('sender.requests', { unit: '{request}' });
for (let i = 0; i < traces; i++) {
  const root = tracer.startSpan(`GET /orders/${i}`, { attributes: { 'http.request.method': 'GET', 'app.note': text } });
  const child = tracer.startSpan('SELECT orders', { attributes: { 'db.system.name': 'postgresql' } }, trace.setSpan(context.active(), root));
  child.addEvent('row', { 'app.note': text });
  if (i % 10 === 0) {
    child.setStatus({ code: SpanStatusCode.ERROR, message: text });
  }

  counter.add(1, { 'http.request.method': 'GET' });
  logger.emit({ severityText: 'INFO', body: `order ${i}: ${text}` });
  child.end();
  root.end();
}

await sdk.shutdown();
console.log(JSON.stringify({ spans: acknowledged, failed }));
