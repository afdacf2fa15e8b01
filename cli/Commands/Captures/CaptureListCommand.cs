using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

internal sealed class CaptureListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");

    public CaptureListCommand(CliHost host)
        : base(host, "list", "Lists captures, newest first.") => Options.Add(_tenant);

    public override IReadOnlyList<string> Examples => ["stella telemetry capture list --tenant acme"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead, tenant?.Value ?? "*");
        var client = new CaptureClient(http);
        var jobs = await Paging.AllAsync(cursor => client.ListAsync(tenant, cursor, cancellationToken));
        context.Output.Print(jobs, ContractsJson.Default.PageCaptureResponse, p => CaptureTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
