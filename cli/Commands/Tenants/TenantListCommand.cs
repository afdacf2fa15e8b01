using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Tenants;

internal sealed class TenantListCommand(CliHost host) : StellaCommand(host, "list", "Lists the tenants that the token is good for.")
{
    public override IReadOnlyList<string> Examples => ["stella telemetry tenant list", "stella telemetry tenant list --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var client = new ProfileClient(http);
        var tenants = await Paging.AllAsync(cursor => client.ListTenantsAsync(cursor, cancellationToken));
        context.Output.Print(tenants, ContractsJson.Default.PageTenantResponse, p => TenantTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
