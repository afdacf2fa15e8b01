using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentStartCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string[]> _services = CommandOptions.Services();
    private readonly Option<string> _reason = new("--reason") { Description = "Why; stands in the audit trail and in the evidence.", Required = true, HelpName = "TEXT" };
    private readonly Option<IncidentSeverity> _severity = new("--severity") { Description = "How bad it is.", DefaultValueFactory = _ => IncidentSeverity.Critical };
    private readonly Option<double> _rate = new("--sampling-rate") { Description = "Share of traces kept, above 0 and at most 1.", DefaultValueFactory = _ => 1.0, HelpName = "RATE" };
    private readonly Option<string> _ttl = new("--ttl") { Description = "How long it lasts without a stop.", DefaultValueFactory = _ => "1h", HelpName = "DURATION" };
    private readonly Option<string> _cooldown = new("--cooldown") { Description = "How long sampling stays raised after the end.", DefaultValueFactory = _ => "5m", HelpName = "DURATION" };

    public IncidentStartCommand(CliHost host)
        : base(host, "start", "Opens an incident: within a second gateways keep every trace in its scope.")
    {
        foreach (var option in (Option[])[_tenant, _services, _reason, _severity, _rate, _ttl, _cooldown])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry incident start --tenant acme --reason \"checkout fails\"",
        "stella telemetry incident start --tenant acme --service checkout --service payment --reason \"5xx\" --ttl 30m --cooldown 2m",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var tenant = arguments.GetRequiredValue(_tenant);
        var rate = arguments.GetValue(_rate);
        if (rate is not (> 0 and <= 1))
        {
            throw CliException.Usage($"--sampling-rate: {rate} is not above 0 and at most 1");
        }

        var request = new StartIncidentRequest(
            tenant,
            arguments.GetValue(_services) is { Length: > 0 } services ? services : null,
            arguments.GetRequiredValue(_reason),
            arguments.GetValue(_severity),
            rate,
            (int)Duration.Parse(arguments.GetRequiredValue(_ttl), "--ttl").TotalSeconds,
            Duration.ParseOrZero(arguments.GetRequiredValue(_cooldown), "--cooldown"));
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite, tenant.Value);
        var incident = await new IncidentClient(http).StartAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        return CliExitCodes.Done;
    }
}
