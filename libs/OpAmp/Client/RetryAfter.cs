using System.Net.Http.Headers;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Reads <c>Retry-After</c>, seconds or a date (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    public static TimeSpan? Of(RetryConditionHeaderValue? header, TimeProvider time) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    public static TimeSpan? Of(IReadOnlyDictionary<string, IEnumerable<string>>? headers, TimeProvider time) =>
        headers?.FirstOrDefault(h => h.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault() is { } text
        && RetryConditionHeaderValue.TryParse(text, out var header)
            ? Of(header, time)
            : null;
}
