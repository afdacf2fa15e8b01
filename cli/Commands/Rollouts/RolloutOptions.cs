using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

/// <summary>Arguments and options that several commands about rollouts have.</summary>
internal static class RolloutOptions
{
    public static Argument<string> Id() => new("id") { Description = "The rollout's id." };

    public static Option<string?> Reason() => new("--reason") { Description = "Why; stands in the audit trail.", HelpName = "TEXT" };
}
