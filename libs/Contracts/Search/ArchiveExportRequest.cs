using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Search;

/// <summary>Body of <c>POST /api/v1/archive/export</c>: the window is by accepted-at, [from, to).</summary>
/// <param name="Signals">Null or empty: all.</param>
/// <param name="Format">The file's form. In protobuf requests of several signals cannot be told apart, so there it takes exactly one.</param>
/// <param name="Compress">Whether all of it is one Zstandard stream.</param>
public sealed record ArchiveExportRequest(
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<Signal>? Signals = null,
    ArchiveExportFormat Format = ArchiveExportFormat.Json,
    bool Compress = false);

/// <summary>The formats of the Collector's file exporter.</summary>
public enum ArchiveExportFormat
{
    /// <summary>An Export request as OTLP/JSON a line: its otlpjsonfile receiver reads them.</summary>
    [JsonStringEnumMemberName("json")]
    Json,

    /// <summary>Export requests, each behind its length, 4 bytes big-endian.</summary>
    [JsonStringEnumMemberName("proto")]
    Proto,
}

/// <summary>What stands behind the last block of an export.</summary>
/// <param name="Complete">Whether all that the archive holds of the window is in it.</param>
/// <param name="Failure">Why it ended early; null when it did not. Then the file is cut.</param>
/// <param name="Records">By signal, each record once.</param>
/// <param name="Requests">Requests that they are in.</param>
/// <param name="Copies">Copies of our own that were left out.</param>
/// <param name="Gaps">Segments that could not be read, in words.</param>
public sealed record ArchiveExportSummary(
    bool Complete, string? Failure, IReadOnlyDictionary<string, long> Records, long Requests, long Copies, IReadOnlyList<string> Gaps);
