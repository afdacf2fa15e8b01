using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Holds;

internal sealed class HoldListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string?> _incident = new("--incident") { Description = "Only what this incident holds.", HelpName = "ID" };
    private readonly Option<bool> _all = new("--all") { Description = "Released ones too." };

    public HoldListCommand(CliHost host)
        : base(host, "list", "Lists what must not be deleted, newest first.")
    {
        Options.Add(_tenant);
        Options.Add(_incident);
        Options.Add(_all);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry hold list", "stella telemetry hold list --incident inc-0192 --all"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead, tenant?.Value ?? "*");
        var client = new HoldClient(http);
        var holds = await Paging.AllAsync(
            cursor => client.ListAsync(tenant, context.Arguments.GetValue(_incident), !context.Arguments.GetValue(_all), cursor, cancellationToken));
        context.Output.Print(holds, ContractsJson.Default.PageHoldResponse, p => HoldTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
