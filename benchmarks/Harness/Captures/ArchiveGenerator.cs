using System.Globalization;
using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Benchmarks.Harness.Captures;

/// <summary>
/// Fills an archive by its real writer with the load generator's requests: each tenant's spans spread over one hour, over gateways that accept
/// at the same time, their segments overlapping as real ones do.
/// </summary>
internal sealed class ArchiveGenerator(CaptureScaleOptions options, IObjectStore store, string spoolFolder)
{
    /// <summary>As the gateway cuts them.</summary>
    private const long MaxSegmentBytes = 64 << 20;

    private const long NanosecondsPerHour = 3_600_000_000_000;

    private readonly RequestTemplate[] _pool = LoadPool.Create("traces");

    /// <summary>The hour that everything is accepted in.</summary>
    public static readonly DateTimeOffset Hour = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TenantId TenantOf(int number) => TenantId.Parse(string.Create(CultureInfo.InvariantCulture, $"scale-{number}"));

    /// <returns>Segments, stored bytes and content bytes.</returns>
    public async Task<(long Segments, long StoredBytes, long ContentBytes)> FillAsync()
    {
        var (segments, stored, content) = (0L, 0L, 0L);
        var streams = Enumerable.Range(0, options.Tenants).SelectMany(t => Enumerable.Range(0, options.Gateways).Select(g => (Tenant: t, Gateway: g)));
        await Parallel.ForEachAsync(streams, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (stream, cancellationToken) =>
        {
            foreach (var manifest in await FillAsync(stream.Tenant, stream.Gateway, cancellationToken))
            {
                Interlocked.Increment(ref segments);
                Interlocked.Add(ref stored, manifest.StoredBytes);
                Interlocked.Add(ref content, manifest.ContentBytes);
            }
        });
        return (segments, stored, content);
    }

    /// <summary>What one gateway accepted of one tenant.</summary>
    private async Task<List<ChunkManifest>> FillAsync(int tenant, int gateway, CancellationToken cancellationToken)
    {
        var written = new List<ChunkManifest>();
        var stamper = new Stamper((ulong)((tenant * 1000) + gateway) << 40);
        var requests = options.Spans / options.Tenants / options.Gateways / TraceLoad.SpansPerRequest;
        var start = (Hour - DateTimeOffset.UnixEpoch).Ticks * 100;
        var gatewayId = string.Create(CultureInfo.InvariantCulture, $"gw-{gateway}");
        var payload = new byte[_pool.Max(r => r.Bytes.Length)];
        var profile = new byte[Envelope.ProfileHashLength];
        SegmentWriter? segment = null;
        try
        {
            for (var i = 0L; i < requests; i++)
            {
                var template = _pool[i % _pool.Length];
                var acceptedAt = start + (long)((double)i / requests * (NanosecondsPerHour - 1));
                template.Bytes.CopyTo(payload, 0);

                // Four requests carry parts of the same traces; what a sender reports is up to two seconds old.
                stamper.Stamp(payload, template.Places, i / TraceLoad.Parts, acceptedAt - (i * 7919 % 2_000_000_000));
                var body = payload.AsMemory(0, template.Bytes.Length);
                segment ??= new SegmentWriter(TenantOf(tenant), Signal.Traces, gatewayId, KnownTiers.Default, spoolFolder);
                segment.Append(
                    new Envelope
                    {
                        GatewayId = gatewayId,
                        Sequence = (ulong)((i * options.Tenants) + tenant + 1),
                        AcceptedAtUnixNano = acceptedAt,
                        Tenant = TenantOf(tenant),
                        Signal = Signal.Traces,
                        ProfileHash = profile,
                        RecordCount = template.Records,
                        BatchHash = XxHash128.Hash(body.Span),
                    },
                    body.Span);
                if (segment.ContentBytes >= MaxSegmentBytes || i == requests - 1)
                {
                    written.Add(await segment.CompleteAsync(store, cancellationToken));
                    segment.Dispose();
                    segment = null;
                }
            }
        }
        finally
        {
            segment?.Dispose();
        }

        return written;
    }
}
