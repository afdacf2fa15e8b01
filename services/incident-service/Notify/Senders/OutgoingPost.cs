namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>One POST.</summary>
/// <param name="Secrets">What must not be shown of it, should the target echo it.</param>
/// <param name="Expected">The one status that means yes; null: any of 200 to 299.</param>
internal sealed record OutgoingPost(
    Uri Url, byte[] Body, string MediaType, IReadOnlyList<(string Name, string Value)> Headers, IReadOnlyList<string> Secrets, int? Expected = null);
