using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>Options that commands over the archive share.</summary>
internal static class ArchiveOptions
{
    public static Option<string> From() => new("--from") { Description = "First moment of acceptance: " + TimePoint.Forms + ".", Required = true, HelpName = "TIME" };

    public static Option<string> To() => new("--to") { Description = "Moment of acceptance up to which, itself excluded.", DefaultValueFactory = _ => "now", HelpName = "TIME" };

    public static Option<string?> Path() => new("--path") { Description = "Read this folder (the one with 'archive/v1' in it) instead of asking the service.", HelpName = "DIR" };

    public static Option<Signal[]> Signals() => new("--signal")
    {
        Description = "Only traces, metrics or logs; give it again for more of them.",
        HelpName = "SIGNAL",
        CustomParser = result =>
        {
            var signals = new List<Signal>();
            foreach (var token in result.Tokens)
            {
                if (SignalNames.TryParse(token.Value, out var signal))
                {
                    signals.Add(signal);
                }
                else
                {
                    result.AddError($"--signal: '{token.Value}' is none of traces, metrics, logs.");
                }
            }

            return [.. signals];
        },
    };

    /// <summary>The window, both ends judged.</summary>
    public static (DateTimeOffset From, DateTimeOffset To) Window(CommandContext context, Option<string> from, Option<string> to)
    {
        var first = TimePoint.Parse(context.Arguments.GetRequiredValue(from), "--from", context.Host.Time);
        var last = TimePoint.Parse(context.Arguments.GetRequiredValue(to), "--to", context.Host.Time);
        return last > first ? (first, last) : throw CliException.Usage($"--to ({OutputWriter.Time(last)}) is not after --from ({OutputWriter.Time(first)})");
    }
}
