using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>Writes chunks of a gateway with one frame per minute.</summary>
internal static class Chunks
{
    // 2026-03-01T10:30:00Z
    public const long HalfPastTen = 1_772_361_000_000_000_000;
    public const long Minute = 60_000_000_000;

    public static readonly TenantId Tenant = TenantId.Parse("acme");

    /// <summary>When all that these tests write is long settled: a day and an hour after it.</summary>
    public static DateTimeOffset Later { get; } = DateTimeOffset.FromUnixTimeSeconds((HalfPastTen / 1_000_000_000) + (25 * 3600));

    public static async Task<ChunkManifest> WriteAsync(
        IObjectStore store,
        ulong firstSequence,
        int frames = 3,
        long acceptedAt = HalfPastTen,
        string gateway = "gw-1",
        Signal signal = Signal.Traces,
        TenantId? tenant = null,
        string tier = KnownTiers.Default,
        string? service = "shop")
    {
        using var writer = new SegmentWriter(tenant ?? Tenant, signal, gateway, tier, Path.GetTempPath());
        for (var i = 0; i < frames; i++)
        {
            var sequence = firstSequence + (ulong)i;
            writer.Append(
                Envelope(sequence, acceptedAt + i, gateway, signal, tenant ?? Tenant),
                Wire.Request(service, Wire.Span(1000 * sequence), Wire.Span((1000 * sequence) + 7, 200)));
        }

        return await writer.CompleteAsync(store, default);
    }

    public static Envelope Envelope(ulong sequence, long acceptedAt, string gateway, Signal signal, TenantId tenant, int records = 2) => new()
    {
        GatewayId = gateway,
        Sequence = sequence,
        AcceptedAtUnixNano = acceptedAt,
        Tenant = tenant,
        Signal = signal,
        ProfileHash = new byte[Archive.Envelope.ProfileHashLength],
        RecordCount = records,
        BatchHash = new byte[Archive.Envelope.BatchHashLength],
    };

    /// <summary>Every key with its content's length, as the store lists them.</summary>
    public static async Task<List<string>> KeysAsync(IObjectStore store, string prefix = "")
    {
        var keys = new List<string>();
        await foreach (var found in store.ListAsync(prefix, default))
        {
            keys.Add(found.Key);
        }

        return keys;
    }
}
