using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>An archive of one test, and what a gateway would have put into it.</summary>
internal sealed class ArchiveSandbox : IDisposable
{
    // 2026-03-01T10:30:00Z
    public const long HalfPastTen = 1_772_361_000_000_000_000;
    public const long Second = 1_000_000_000;
    public const long Hour = 3600 * Second;

    public static readonly TenantId Tenant = TenantId.Parse("acme");

    private readonly TemporaryFolder _folder = new();

    public ArchiveSandbox()
    {
        Store = new FolderObjectStore(_folder.Path);
    }

    public FolderObjectStore Store { get; }

    public string Root => _folder.Path;

    public static Envelope Batch(Signal signal, ulong sequence, long acceptedAt, int records, string gateway = "gw-1") => new()
    {
        GatewayId = gateway,
        Sequence = sequence,
        AcceptedAtUnixNano = acceptedAt,
        Tenant = Tenant,
        Signal = signal,
        ProfileHash = new byte[Envelope.ProfileHashLength],
        RecordCount = records,
        BatchHash = new byte[Envelope.BatchHashLength],
    };

    public async Task<ChunkManifest> WriteAsync(string tier, params (Envelope Envelope, byte[] Payload)[] frames)
    {
        var first = frames[0].Envelope;
        using var writer = new SegmentWriter(first.Tenant, first.Signal, first.GatewayId, tier, Path.Combine(_folder.Path, ".spool"));
        foreach (var (envelope, payload) in frames)
        {
            writer.Append(envelope, payload);
        }

        return await writer.CompleteAsync(Store, CancellationToken.None);
    }

    /// <summary>Changes one byte of a segment.</summary>
    public async Task DamageAsync(ChunkManifest manifest)
    {
        var path = Path.Combine(_folder.Path, manifest.SegmentKey);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    public void Dispose() => _folder.Dispose();
}
