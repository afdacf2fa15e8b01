using System.Globalization;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>Headers of the Standard Webhooks specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md</summary>
/// <param name="Timestamp">As it is written and signed: seconds of Unix time.</param>
/// <param name="SentAt">The same.</param>
/// <param name="Signature">One or several, separated by blanks: <c>v1,BASE64 v1,BASE64</c>.</param>
internal sealed record WebhookHeaders(string Id, string Timestamp, DateTimeOffset SentAt, string Signature)
{
    /// <summary>How far from now it may have been signed.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private const int MaxId = 200;
    private const int MaxSignature = 2048;
    private const long LastSecond = 253_402_300_799;

    /// <summary>Null, with what is wrong, when they are not there or not of this time.</summary>
    public static WebhookHeaders? Read(IHeaderDictionary headers, DateTimeOffset now, out string problem)
    {
        var (id, timestamp, signature) = (headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]);
        problem = "";
        if (id.Count != 1 || timestamp.Count != 1 || signature.Count != 1 || id[0] is not { Length: > 0 and <= MaxId } key || !key.All(c => c is > ' ' and <= '~')
            || signature[0] is not { Length: > 0 and <= MaxSignature } signatures)
        {
            problem = "The headers webhook-id, webhook-timestamp and webhook-signature are needed, once each.";
            return null;
        }

        var isTime = long.TryParse(timestamp[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LastSecond;
        var sentAt = DateTimeOffset.FromUnixTimeSeconds(isTime ? seconds : 0);
        if (!isTime || (sentAt - now).Duration() > Window)
        {
            problem = $"webhook-timestamp has to be the Unix time, in seconds, within {Window.TotalMinutes:0} minutes of now.";
            return null;
        }

        return new WebhookHeaders(key, timestamp[0]!, sentAt, signatures);
    }
}
