namespace StellaOps.Telemetry.IncidentService.Notify;

/// <summary>Section <c>Stella:Notify</c>.</summary>
internal sealed class NotifyOptions
{
    public const string Section = "Stella:Notify";

    /// <summary>The document of targets; null or empty: nobody is told.</summary>
    public string? File { get; set; }

    /// <summary>Deliveries to one target at once; a target that hangs holds no more than these.</summary>
    public int MaxPerTarget { get; set; } = 4;

    /// <summary>Beyond a target's timeout, how long a delivery of a replica that died is left alone.</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(10);
}
