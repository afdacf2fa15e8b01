namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Section <c>Stella:Hooks</c>.</summary>
internal sealed class HookOptions
{
    public const string Section = "Stella:Hooks";

    /// <summary>The document of rules; null or empty: hooks are closed.</summary>
    public string? File { get; set; }
}
