using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Holds;

namespace StellaOps.Telemetry.Cli.Commands.Holds;

internal static class HoldTables
{
    public static Table Of(params IEnumerable<HoldResponse> holds)
    {
        var table = OutputWriter.NewTable("HOLD", "TENANT", "STATE", "FROM", "TO", "UNTIL", "ARCHIVED", "REASON");
        foreach (var hold in holds)
        {
            table.AddRow(
                Markup.Escape(hold.Id),
                hold.Tenant.Value,
                hold.State == HoldState.Active ? "active" : "released",
                OutputWriter.Time(hold.From),
                hold.To is null ? "growing" : OutputWriter.Time(hold.To),
                hold.Until is null ? "without end" : OutputWriter.Time(hold.Until),
                hold.PromotedAt is null ? "not yet" : hold.Gaps.Count == 0 ? "whole" : $"{hold.Gaps.Count} gaps",
                Markup.Escape(hold.Reason));
        }

        return table;
    }
}
