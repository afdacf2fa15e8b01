using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// A CloudEvent in structured mode, signed as https://www.standardwebhooks.com says: HMAC-SHA256 over <c>id.timestamp.body</c>, one signature
/// for each secret.
/// </summary>
internal static class WebhookPost
{
    /// <exception cref="IOException">A file of it cannot be used now.</exception>
    public static OutgoingPost Of(WebhookChannel channel, Delivery delivery, DateTimeOffset now)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{delivery.EventId}.{timestamp}."), .. body];
        var signatures = channel.SecretFiles.Select(f => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(WebhookSecret.Read(f), signed))}");
        var headers = new List<(string, string)>
        {
            ("webhook-id", delivery.EventId),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", string.Join(' ', signatures)),
        };
        var secrets = new List<string>();
        if (channel.AuthorizationFile is { } file)
        {
            secrets.Add(SecretFile.Read(file));
            headers.Add(("Authorization", secrets[0]));
        }

        var url = TargetUrl.Of(channel.Address);
        if (channel.Address.File is not null)
        {
            secrets.Add(url.PathAndQuery);
        }

        return new OutgoingPost(url, body, KnownNotifications.CloudEventsMediaType, headers, secrets);
    }
}
