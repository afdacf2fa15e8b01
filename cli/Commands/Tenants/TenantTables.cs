using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Tenants;

internal static class TenantTables
{
    public static Table Of(params IEnumerable<TenantResponse> tenants)
    {
        var table = OutputWriter.NewTable("TENANT", "STATE", "KIND", "NAME", "CREATED");
        foreach (var tenant in tenants)
        {
            table.AddRow(tenant.Tenant.Value, tenant.State.ToString().ToLowerInvariant(), tenant.Kind.ToString().ToLowerInvariant(), Markup.Escape(tenant.DisplayName ?? "-"), OutputWriter.Time(tenant.CreatedAt));
        }

        return table;
    }
}
