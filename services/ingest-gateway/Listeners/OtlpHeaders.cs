using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>The two headers that tell anything of a sender. No other one is read: a header never names a tenant.</summary>
internal static class OtlpHeaders
{
    /// <summary>Null when there is none; empty, which no credential is, when there is more than one: which to believe is not for us to choose.</summary>
    public static string? Authorization(HttpRequest request)
    {
        var values = request.Headers.Authorization;
        return values.Count switch { 0 => null, 1 => values[0], _ => "" };
    }

    /// <summary>Null when there is none; several become one that is no mark.</summary>
    public static string? ReplayMark(HttpRequest request) => request.Headers.TryGetValue(KnownHeaders.Replay, out var mark) ? mark.ToString() : null;

    /// <summary>Tells the sender of a replay that its mark was understood.</summary>
    public static void SayReplayMark(HttpResponse response, string? mark)
    {
        if (mark is not null)
        {
            response.Headers[KnownHeaders.Replay] = mark;
        }
    }
}
