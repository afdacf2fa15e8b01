using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// What an incoming webhook of Slack takes, and what imitates one: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
/// <c>text</c> is for notifications and for those that know no blocks.
/// </summary>
internal static class SlackPost
{
    // https://docs.slack.dev/reference/block-kit/blocks: header 150, section 3000, field 2000 characters.
    private const int MaxHeader = 150;
    private const int MaxSection = 3000;

    /// <exception cref="IOException">A file of it cannot be used now.</exception>
    public static OutgoingPost Of(SlackChannel channel, NotifyText text)
    {
        var incident = text.Incident;
        var message = new SlackMessage(
            Escape(text.Title),
            [
                new SlackBlock("header", new SlackText("plain_text", NotifyText.Cut(text.Title, MaxHeader)), null, null),
                new SlackBlock("section", new SlackText("mrkdwn", NotifyText.Cut(Escape(text.Text), MaxSection)), null, null),
                new SlackBlock(
                    "section",
                    null,
                    [
                        Field("Tenant", incident.Tenant.Value),
                        Field("Severity", NotifyText.WordOf(incident.Severity)),
                        Field("State", NotifyText.WordOf(incident.State)),
                        Field("Expires", NotifyText.Time(incident.ExpiresAt)),
                    ],
                    null),
                new SlackBlock("context", null, null, [new SlackText("plain_text", text.Event.Id)]),
            ]);
        var url = TargetUrl.Of(channel.Address);
        return new OutgoingPost(
            url, JsonSerializer.SerializeToUtf8Bytes(message, SenderJson.Default.SlackMessage), "application/json", [], channel.Address.File is null ? [] : [url.PathAndQuery]);
    }

    private static SlackText Field(string name, string value) => new("mrkdwn", $"*{name}*\n{Escape(value)}");

    /// <summary>The three characters that Slack gives a meaning: without them nobody's reason mentions a whole channel.</summary>
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

internal sealed record SlackMessage([property: JsonPropertyName("text")] string Text, [property: JsonPropertyName("blocks")] IReadOnlyList<SlackBlock> Blocks);

internal sealed record SlackBlock(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("text")] SlackText? Text,
    [property: JsonPropertyName("fields")] IReadOnlyList<SlackText>? Fields,
    [property: JsonPropertyName("elements")] IReadOnlyList<SlackText>? Elements);

internal sealed record SlackText([property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("text")] string Text);
