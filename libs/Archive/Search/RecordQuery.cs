namespace StellaOps.Telemetry.Archive.Search;

/// <summary>What is asked of a record. All that is set must hold; nothing set takes every record.</summary>
public sealed record RecordQuery
{
    /// <summary>One of these <c>service.name</c>s; empty: any.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>This trace: 32 hex digits. Data points have none.</summary>
    public string? TraceId { get; init; }

    /// <summary>Event time, unix nanoseconds, inclusive. A record without one has none of this window.</summary>
    public ulong? EventFromUnixNano { get; init; }

    /// <summary>Event time, unix nanoseconds, exclusive.</summary>
    public ulong? EventToUnixNano { get; init; }

    /// <summary>Log records of this SeverityNumber (1 to 24) or above; of those without one, none.</summary>
    public int? MinSeverity { get; init; }

    /// <summary>Attributes of the record, its scope or its resource.</summary>
    public IReadOnlyList<AttributeEquality> Attributes { get; init; } = [];

    /// <summary>Log records in whose body it stands: in a string, a key, bytes, or a number as JSON writes it, however deep.</summary>
    public string? Text { get; init; }

    /// <summary>Whether A to Z in <see cref="Text"/> are the same as a to z.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>The most attributes that are asked for at once.</summary>
    public const int MaxAttributes = 16;
}

/// <summary>
/// An attribute of that key has that value: a string of these characters, or the integer, double or truth value that they say; of a list, one
/// of its items. Of a key that a message repeats, the first counts, as in stores.
/// </summary>
public sealed record AttributeEquality(string Key, string Value);
