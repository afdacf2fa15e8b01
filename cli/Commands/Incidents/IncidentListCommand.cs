using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");

    public IncidentListCommand(CliHost host)
        : base(host, "list", "Lists incidents, newest first.")
    {
        Options.Add(_tenant);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident list", "stella telemetry incident list --tenant acme --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsRead, tenant?.Value ?? "*");
        var client = new IncidentClient(http);
        var incidents = await Paging.AllAsync(cursor => client.ListAsync(tenant, cursor, cancellationToken));
        context.Output.Print(incidents, ContractsJson.Default.PageIncidentResponse, p => IncidentTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
