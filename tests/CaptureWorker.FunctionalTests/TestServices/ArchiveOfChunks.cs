using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>Writes chunks of any age, and says what became of them.</summary>
internal sealed class ArchiveOfChunks(IObjectStore store)
{
    private ulong _sequence;

    /// <param name="age">Of the chunk's one frame.</param>
    /// <param name="spans">Its size.</param>
    public async Task<ChunkManifest> WriteAsync(TimeSpan age, Signal signal = Signal.Traces, string tier = KnownTiers.Default, string service = "checkout", int spans = 3, TenantId? tenant = null)
    {
        var payload = OtlpBytes.Spans(service, [.. Enumerable.Range(0, spans).Select(i => ((byte)i, (byte)(i + 1), 100UL + (ulong)i, $"span {i} of many that are alike"))]);
        var envelope = new Envelope
        {
            GatewayId = "gw-1",
            Sequence = ++_sequence,
            AcceptedAtUnixNano = ((TimeProvider.System.GetUtcNow() - age).UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100,
            Tenant = tenant ?? CaptureFixture.Tenant,
            Signal = signal,
            ProfileHash = new byte[Envelope.ProfileHashLength],
            RecordCount = spans,
            BatchHash = XxHash128.Hash(payload),
        };
        using var writer = new SegmentWriter(envelope.Tenant, signal, "gw-1", tier, Path.GetTempPath());
        writer.Append(envelope, payload);
        return await writer.CompleteAsync(store, CancellationToken.None);
    }

    /// <summary>Whether the chunk is there, whole, and nothing says that it is not.</summary>
    public async Task<bool> IsWholeAsync(ChunkManifest chunk) =>
        await store.ExistsAsync(chunk.ManifestKey, CancellationToken.None) && await store.ExistsAsync(chunk.SegmentKey, CancellationToken.None)
        && !await store.ExistsAsync(chunk.TombstoneKey, CancellationToken.None);

    /// <summary>Whether nothing but its tombstone is there.</summary>
    public async Task<bool> IsGoneAsync(ChunkManifest chunk) =>
        !await store.ExistsAsync(chunk.ManifestKey, CancellationToken.None) && !await store.ExistsAsync(chunk.SegmentKey, CancellationToken.None)
        && await store.ExistsAsync(chunk.TombstoneKey, CancellationToken.None);

    /// <summary>Every frame's payload, as read back.</summary>
    public async Task<IReadOnlyList<byte[]>> PayloadsAsync(ChunkManifest chunk)
    {
        var payloads = new List<byte[]>();
        await foreach (var frame in SegmentReader.ReadAsync(store, chunk, CancellationToken.None))
        {
            payloads.Add(frame.Payload.ToArray());
        }

        return payloads;
    }
}
