using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Holds;

internal sealed class HoldAddCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string[]> _services = CommandOptions.Services();
    private readonly Option<string> _from = new("--from") { Description = $"Accepted from then on. {TimePoint.Forms}.", Required = true, HelpName = "TIME" };
    private readonly Option<string> _to = new("--to") { Description = $"And before then. {TimePoint.Forms}.", DefaultValueFactory = _ => "now", HelpName = "TIME" };
    private readonly Option<string?> _retain = new("--retain") { Description = "How long from now. Without it: until somebody releases it.", HelpName = "DURATION" };
    private readonly Option<string> _reason = new("--reason") { Description = "Why; stands in the audit trail.", Required = true, HelpName = "TEXT" };

    public HoldAddCommand(CliHost host)
        : base(host, "add", "Keeps what a tenant sent from being deleted, and saves what recorders still have of it.")
    {
        foreach (var option in (Option[])[_tenant, _services, _from, _to, _retain, _reason])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry hold add --tenant acme --from -15m --reason \"dispute 4711\"",
        "stella telemetry hold add --tenant acme --service checkout --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z --retain 365d --reason audit",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (arguments, time) = (context.Arguments, context.Host.Time);
        var tenant = arguments.GetRequiredValue(_tenant);
        var request = new CreateHoldRequest(
            tenant,
            TimePoint.Parse(arguments.GetRequiredValue(_from), "--from", time),
            arguments.GetRequiredValue(_reason),
            TimePoint.Parse(arguments.GetRequiredValue(_to), "--to", time),
            arguments.GetValue(_services) is { Length: > 0 } services ? services : null,
            arguments.GetValue(_retain) is { } retain ? time.GetUtcNow() + Duration.Parse(retain, "--retain") : null);
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesCreate, tenant.Value);
        var hold = await new HoldClient(http).AddAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(hold, ContractsJson.Default.HoldResponse, h => HoldTables.Of(h));
        return CliExitCodes.Done;
    }
}
