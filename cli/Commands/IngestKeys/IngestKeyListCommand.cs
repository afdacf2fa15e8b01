using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.IngestKeys;

internal sealed class IngestKeyListCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();

    public IngestKeyListCommand(CliHost host)
        : base(host, "list", "Lists a tenant's ingest keys, without their secrets.")
    {
        Options.Add(_tenant);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry ingest-key list --tenant acme"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetRequiredValue(_tenant);
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead, tenant.Value);
        var client = new ProfileClient(http);
        var keys = await Paging.AllAsync(cursor => client.ListIngestKeysAsync(tenant, cursor, cancellationToken));
        context.Output.Print(keys, ContractsJson.Default.PageIngestKeyResponse, p => IngestKeyTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
