using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Search;

/// <summary>Body of <c>POST /api/v1/archive/search</c>: the window is by accepted-at, [from, to). All that is set must hold.</summary>
/// <param name="EventFrom">Only records whose own time is not before it.</param>
/// <param name="EventTo">Only records whose own time is before it.</param>
/// <param name="Signals">Null or empty: all.</param>
/// <param name="Services">One of these <c>service.name</c>s; null or empty: any.</param>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="MinSeverity">Log records from this severity on: <c>TRACE</c>, <c>DEBUG</c>, <c>INFO</c>, <c>WARN</c>, <c>ERROR</c>, <c>FATAL</c>, with 2 to 4 behind it, or 1 to 24.</param>
/// <param name="Attributes">Each must be an attribute of the record, its scope or its resource.</param>
/// <param name="Text">Log records in whose body it stands.</param>
/// <param name="IgnoreCase">Whether A to Z in the text are the same as a to z.</param>
/// <param name="Limit">The most records that are shown; null: 1000.</param>
/// <param name="Progress">Whether lines that tell of the progress stand between the others, one a second.</param>
public sealed record ArchiveSearchRequest(
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? EventFrom = null,
    DateTimeOffset? EventTo = null,
    IReadOnlyList<Signal>? Signals = null,
    IReadOnlyList<string>? Services = null,
    string? TraceId = null,
    string? MinSeverity = null,
    IReadOnlyList<ArchiveSearchAttribute>? Attributes = null,
    string? Text = null,
    bool IgnoreCase = false,
    int? Limit = null,
    bool Progress = false);

/// <summary>An attribute and its value: a string, or the number or truth value that it says.</summary>
public sealed record ArchiveSearchAttribute(string Key, string Value);
