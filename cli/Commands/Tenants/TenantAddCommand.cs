using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Tenants;

internal sealed class TenantAddCommand : StellaCommand
{
    private readonly Argument<TenantId> _tenant = CommandOptions.TenantArgument();
    private readonly Option<string?> _name = new("--name") { Description = "A name for people.", HelpName = "TEXT" };
    private readonly Option<bool> _replay = new("--replay-target") { Description = "A target of replays: gateways take replays into it, and nothing else." };

    public TenantAddCommand(CliHost host)
        : base(host, "add", "Registers a tenant, whose telemetry gateways then accept.")
    {
        Arguments.Add(_tenant);
        Options.Add(_name);
        Options.Add(_replay);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry tenant add acme --name \"Acme Corp.\"",
        "stella telemetry tenant add acme-replay --replay-target",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.Admin);
        var request = new AddTenantRequest(
            context.Arguments.GetRequiredValue(_tenant),
            context.Arguments.GetValue(_name),
            context.Arguments.GetValue(_replay) ? TenantKind.Replay : TenantKind.Live);
        var tenant = await new ProfileClient(http).AddTenantAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(tenant, ContractsJson.Default.TenantResponse, t => TenantTables.Of(t));
        return CliExitCodes.Done;
    }
}
