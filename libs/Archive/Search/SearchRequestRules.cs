using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Judges a request for a search and makes the query of it, for the service and for a search without one.</summary>
public static class SearchRequestRules
{
    /// <summary>Records that are shown when nothing else is asked for.</summary>
    public const int DefaultLimit = 1000;

    private const int MaxServices = 100;
    private const int MaxTextLength = 1024;
    private const int TraceIdDigits = 32;
    private const long NanosecondsPerTick = 100;

    /// <summary>All that is wrong with it.</summary>
    public static IEnumerable<(string Field, string Message)> Check(ArchiveSearchRequest request)
    {
        foreach (var fault in WindowRules.Check(request.Tenant, request.From, request.To))
        {
            yield return fault;
        }

        if (request.EventFrom < DateTimeOffset.UnixEpoch || request.EventTo <= (request.EventFrom ?? DateTimeOffset.UnixEpoch))
        {
            yield return ("eventTo", "is not after eventFrom, or one of them is before 1970");
        }

        if (request.Services is { } services && (services.Count > MaxServices || services.Any(s => string.IsNullOrEmpty(s) || s.Length > MaxTextLength)))
        {
            yield return ("services", $"takes at most {MaxServices} names of 1 to {MaxTextLength} characters");
        }

        if (request.TraceId is { } trace && (trace.Length != TraceIdDigits || !trace.All(char.IsAsciiHexDigit)))
        {
            yield return ("traceId", "is not 32 hexadecimal digits");
        }

        if (request.MinSeverity is { } severity && !SeverityNames.TryParse(severity, out _))
        {
            yield return ("minSeverity", $"is none of {string.Join(", ", SeverityNames.All)}, and no number from 1 to 24");
        }

        if (request.Attributes is { } attributes
            && (attributes.Count > RecordQuery.MaxAttributes || attributes.Any(a => a is null || a.Key.Length is 0 or > MaxTextLength || a.Value.Length > MaxTextLength)))
        {
            yield return ("attributes", $"takes at most {RecordQuery.MaxAttributes}, each with a key, none longer than {MaxTextLength} characters");
        }

        if (request.Text is { Length: 0 or > MaxTextLength })
        {
            yield return ("text", $"has not 1 to {MaxTextLength} characters");
        }

        if (request.Limit is < 1)
        {
            yield return ("limit", "is less than 1");
        }
    }

    /// <summary>The query of a request that <see cref="Check"/> has nothing against.</summary>
    public static ArchiveQuery ToQuery(ArchiveSearchRequest request) => new(
        request.Tenant,
        UnixNano(request.From),
        UnixNano(request.To),
        request.Signals is { Count: > 0 } signals ? [.. signals.Distinct()] : [.. SignalNames.All],
        new RecordQuery
        {
            Services = request.Services ?? [],
            TraceId = request.TraceId,
            EventFromUnixNano = request.EventFrom is { } from ? (ulong)UnixNano(from) : null,
            EventToUnixNano = request.EventTo is { } to ? (ulong)UnixNano(to) : null,
            MinSeverity = request.MinSeverity is { } name && SeverityNames.TryParse(name, out var severity) ? severity : null,
            Attributes = [.. (request.Attributes ?? []).Select(a => new AttributeEquality(a.Key, a.Value))],
            Text = request.Text,
            IgnoreCase = request.IgnoreCase,
        },
        request.Limit ?? DefaultLimit);

    internal static long UnixNano(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosecondsPerTick;
}
