using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Deploy;

/// <summary>What an agent must keep to, or everything is taken back.</summary>
internal sealed class GateOptions
{
    private readonly Option<string?> _unhealthy = new("--max-unhealthy") { Description = "How long an agent may say that it is not healthy. Default: 10s.", HelpName = "DURATION" };
    private readonly Option<long?> _failures = new("--max-export-failures") { Description = "How many export failures an agent may count since its offer. Default: 50.", HelpName = "N" };
    private readonly Option<long?> _refusals = new("--max-refusals") { Description = "How many requests an agent may refuse since its offer. Default: 50.", HelpName = "N" };
    private readonly Option<string?> _queue = new("--max-queue-age") { Description = "How old the oldest record may be that waits for an exporter. Default: 2m.", HelpName = "DURATION" };

    public IEnumerable<Option> All => [_unhealthy, _failures, _refusals, _queue];

    /// <summary>Null: none was given, and the service's defaults hold.</summary>
    public RolloutLimits? Read(ParseResult arguments)
    {
        var defaults = RolloutLimits.Default;
        var limits = new RolloutLimits(
            arguments.GetValue(_unhealthy) is { } unhealthy ? Duration.ParseOrZero(unhealthy, "--max-unhealthy") : defaults.UnhealthySeconds,
            arguments.GetValue(_failures) ?? defaults.ExportFailures,
            arguments.GetValue(_refusals) ?? defaults.Refusals,
            arguments.GetValue(_queue) is { } age ? Duration.ParseOrZero(age, "--max-queue-age") : defaults.QueueSeconds);
        return limits == defaults ? null : limits;
    }
}
