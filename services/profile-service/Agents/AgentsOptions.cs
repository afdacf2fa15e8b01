namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>Section <c>Stella:Agents</c>.</summary>
internal sealed class AgentsOptions
{
    public const string Section = "Stella:Agents";

    /// <summary>How long an agent that is not heard of is remembered.</summary>
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromDays(30);
}
