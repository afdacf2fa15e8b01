using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>What a scrub found, a line each.</summary>
internal static class ScrubTables
{
    public static Table Of(ScrubReport report)
    {
        var table = OutputWriter.NewTable("FINDING", "WHERE", "WHAT");
        foreach (var finding in report.Findings)
        {
            table.AddRow($"[red]{Markup.Escape(finding.Kind)}[/]", Markup.Escape(finding.Key), Markup.Escape(finding.What));
        }

        return table;
    }
}
