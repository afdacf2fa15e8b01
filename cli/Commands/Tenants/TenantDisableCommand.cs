using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Tenants;

internal sealed class TenantDisableCommand : StellaCommand
{
    private readonly Argument<TenantId> _tenant = CommandOptions.TenantArgument();

    public TenantDisableCommand(CliHost host)
        : base(host, "disable", "Refuses a tenant's telemetry; gateways follow within 2 seconds.")
    {
        Arguments.Add(_tenant);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry tenant disable acme"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.Admin);
        var tenant = await new ProfileClient(http).DisableTenantAsync(context.Arguments.GetRequiredValue(_tenant), cancellationToken);
        context.Output.Print(tenant, ContractsJson.Default.TenantResponse, t => TenantTables.Of(t));
        return CliExitCodes.Done;
    }
}
