using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Pieces;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal static class KitTables
{
    public static Table Of(KitVerifyReport report)
    {
        var table = OutputWriter.NewTable("", "CHECK", "DETAIL");
        foreach (var check in report.Checks)
        {
            var state = check.State switch { KitCheckState.Ok => "[green]ok[/]", KitCheckState.Warning => "[yellow]WARNING[/]", _ => "[red]FAILED[/]" };
            table.AddRow(state, Markup.Escape(check.Name), Markup.Escape(check.Detail));
        }

        return table;
    }

    public static Table Of(KitTransferReport report) => OutputWriter.Properties(
        ("transfer", report.Transfer),
        ("kit", report.Kit),
        ("pieces", $"{report.Have} of {report.Pieces}"),
        ("missing", report.Complete ? "-" : report.MissingText),
        ("repeated", Lines(report.Repeated)),
        ("damaged", Lines(report.Damaged)),
        ("refused", Lines(report.Refused)),
        ("of other transfers", Lines(report.Foreign)),
        ("no pieces", report.Others == 0 ? null : $"{report.Others} files"),
        ("files", Lines(report.Files)));

    public static Table Of(KitImportReport report) => OutputWriter.Properties(
        ("did", report.Outcome.ToString()), ("in force", report.Release), ("before", report.Before), ("folder", report.Folder));

    private static string? Lines(IReadOnlyList<string> texts) => texts.Count == 0 ? null : string.Join('\n', texts);
}
