using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

/// <summary>
/// What a receiver does (docs/notifications.md: The signature), written from the specification alone: https://www.standardwebhooks.com.
/// </summary>
internal static class WebhookVerifier
{
    /// <summary>How old, or how far ahead, a timestamp may be: the receiver's replay window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <param name="secret"><c>whsec_...</c>.</param>
    public static bool IsGood(ReceivedPost post, string secret, DateTimeOffset now)
    {
        if (!post.Headers.TryGetValue("webhook-id", out var id) || !post.Headers.TryGetValue("webhook-timestamp", out var timestamp) || !post.Headers.TryGetValue("webhook-signature", out var signatures)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Window)
        {
            return false;
        }

        using var mac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var expected = mac.ComputeHash(Encoding.UTF8.GetBytes($"{id}.{timestamp}.{post.Body}"));
        return signatures.Split(' ').Any(s => s.StartsWith("v1,", StringComparison.Ordinal) && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(s[3..]), expected));
    }
}
