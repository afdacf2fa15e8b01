using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>The spans that sampling kept, as they stand in the archive of a stack's state folder. Reads each segment once.</summary>
internal sealed class ArchivedSpans(string stateDirectory, string tenant)
{
    private readonly FolderObjectStore _store = new(Path.Combine(stateDirectory, "archive"));
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly HashSet<(string TraceId, string SpanId)> _spans = [];

    /// <summary>All of them, with those of segments that came since the last call.</summary>
    public async Task<IReadOnlySet<(string TraceId, string SpanId)>> ReadAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        const long NanosecondsPerMillisecond = 1_000_000;
        var found = new ArchiveCatalog(_store).FindAsync(
            TenantId.Parse(tenant),
            [Signal.Traces],
            from.ToUnixTimeMilliseconds() * NanosecondsPerMillisecond,
            TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * NanosecondsPerMillisecond,
            onDamaged: null,
            cancellationToken);
        await foreach (var manifest in found)
        {
            if (manifest.Tier != KnownTiers.Default || !_read.Add(manifest.ManifestKey))
            {
                continue;
            }

            await foreach (var frame in SegmentReader.ReadAsync(_store, manifest, cancellationToken))
            {
                var request = ExportTraceServiceRequest.Parser.ParseFrom(frame.Payload.Span);
                _spans.UnionWith(request.ResourceSpans
                    .SelectMany(r => r.ScopeSpans)
                    .SelectMany(s => s.Spans)
                    .Select(s => (Convert.ToHexStringLower(s.TraceId.Span), Convert.ToHexStringLower(s.SpanId.Span))));
            }
        }

        return _spans;
    }
}
