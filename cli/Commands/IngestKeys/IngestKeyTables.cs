using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.IngestKeys;

internal static class IngestKeyTables
{
    public static Table Of(params IEnumerable<IngestKeyResponse> keys)
    {
        var table = OutputWriter.NewTable("KEY", "TENANT", "STATE", "DESCRIPTION", "CREATED", "EXPIRES");
        foreach (var key in keys)
        {
            table.AddRow(
                key.KeyId,
                key.Tenant.Value,
                key.State.ToString().ToLowerInvariant(),
                Markup.Escape(key.Description ?? "-"),
                OutputWriter.Time(key.CreatedAt),
                OutputWriter.Time(key.ExpiresAt));
        }

        return table;
    }
}
