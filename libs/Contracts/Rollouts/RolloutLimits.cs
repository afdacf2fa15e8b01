namespace StellaOps.Telemetry.Contracts.Rollouts;

/// <summary>What an agent that applied a deployment must keep to until its batch has soaked, or all are taken back.</summary>
/// <param name="UnhealthySeconds">How long it may say that it is not healthy.</param>
/// <param name="ExportFailures">How many more export failures it may count than before its offer.</param>
/// <param name="Refusals">How many more refused requests it may count than before its offer.</param>
/// <param name="QueueSeconds">How old the oldest record may be that waits for an exporter.</param>
public sealed record RolloutLimits(int UnhealthySeconds = 10, long ExportFailures = 50, long Refusals = 50, int QueueSeconds = 120)
{
    /// <summary>What holds where nothing else is asked for.</summary>
    public static RolloutLimits Default { get; } = new();
}
