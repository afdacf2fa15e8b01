using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Notifications;

internal sealed class NotificationListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string?> _incident = NotificationOptions.Incident();
    private readonly Option<string?> _target = NotificationOptions.Target();
    private readonly Option<string?> _state = new("--state") { Description = "Only those that are pending, delivered or dead.", HelpName = "STATE" };

    public NotificationListCommand(CliHost host)
        : base(host, "list", "Lists who was told what of incidents, and what became of it, newest first.")
    {
        Options.Add(_tenant);
        Options.Add(_incident);
        Options.Add(_target);
        Options.Add(_state);
        _state.AcceptOnlyFromAmong("pending", "delivered", "dead");
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry notification list --state dead", "stella telemetry notification list --incident inc-0192 --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var tenant = arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsRead, tenant?.Value ?? "*");
        var client = new NotificationClient(http);
        var notifications = await Paging.AllAsync(
            cursor => client.ListAsync(tenant, arguments.GetValue(_incident), arguments.GetValue(_target), arguments.GetValue(_state), cursor, cancellationToken));
        context.Output.Print(notifications, ContractsJson.Default.PageNotificationResponse, p => NotificationTables.Of(p.Items));
        return CliExitCodes.Done;
    }
}
