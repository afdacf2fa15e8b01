using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.DeadLetters;

internal static class DeadLetterOptions
{
    public static Option<string?> Exporter() => new("--exporter") { Description = "Only those of this exporter.", HelpName = "NAME" };
}
