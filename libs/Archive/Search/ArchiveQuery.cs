using System.Globalization;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>A search of the archive.</summary>
/// <param name="FromUnixNano">First accepted-at, inclusive.</param>
/// <param name="ToUnixNano">Last accepted-at, exclusive.</param>
/// <param name="Limit">The most records that are shown.</param>
public sealed record ArchiveQuery(TenantId Tenant, long FromUnixNano, long ToUnixNano, IReadOnlyCollection<Signal> Signals, RecordQuery Record, int Limit)
{
    /// <summary>Memory for records that were found and wait for those before them, in bytes.</summary>
    public long MaxHeldBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Segments that are read at once.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether a segment may hold what is asked for. The catalog has looked at accepted-at.</summary>
    internal bool MayHold(ChunkManifest manifest) =>
        (Record.Services.Count == 0 || manifest.Services.Intersect(Record.Services, StringComparer.Ordinal).Any())
        && (Record is { EventFromUnixNano: null, EventToUnixNano: null } || IsInEventWindow(manifest));

    private bool IsInEventWindow(ChunkManifest manifest) =>
        ulong.TryParse(manifest.EventFrom, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && ulong.TryParse(manifest.EventTo, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
        && (Record.EventToUnixNano is null || from < Record.EventToUnixNano) && (Record.EventFromUnixNano is null || to >= Record.EventFromUnixNano);
}
