using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Notifications;

internal sealed class NotificationResendCommand : StellaCommand
{
    private readonly Argument<long[]> _ids = new("id") { Description = "Which ones, as 'notification list' shows them.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _all = new("--all") { Description = "All dead letters, instead of ids." };
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string?> _incident = NotificationOptions.Incident();
    private readonly Option<string?> _target = NotificationOptions.Target();

    public NotificationResendCommand(CliHost host)
        : base(host, "resend", "Sends dead letters again, each with the id that it had; anything else stays as it is.")
    {
        Arguments.Add(_ids);
        Options.Add(_all);
        Options.Add(_tenant);
        Options.Add(_incident);
        Options.Add(_target);
        Validators.Add(result =>
        {
            if (result.GetValue(_all) == (result.GetValue(_ids) is { Length: > 0 }))
            {
                result.AddError("give ids, or --all");
            }
        });
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry notification resend 42", "stella telemetry notification resend --all --target on-call"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        var ids = context.Arguments.GetValue(_all) ? await AllAsync(context, tenant, cancellationToken) : context.Arguments.GetValue(_ids)!;
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite, tenant?.Value ?? "*");
        var client = new NotificationClient(http);
        var resent = new List<NotificationResponse>();
        foreach (var id in ids)
        {
            resent.Add(await client.ResendAsync(id, cancellationToken));
        }

        context.Output.Print(new Page<NotificationResponse>(resent, null), ContractsJson.Default.PageNotificationResponse, p => NotificationTables.Of(p.Items));
        return CliExitCodes.Done;
    }

    private async Task<IReadOnlyList<long>> AllAsync(CommandContext context, TenantId? tenant, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsRead, tenant?.Value ?? "*");
        var client = new NotificationClient(http);
        var dead = await Paging.AllAsync(
            cursor => client.ListAsync(tenant, context.Arguments.GetValue(_incident), context.Arguments.GetValue(_target), "dead", cursor, cancellationToken));
        return [.. dead.Items.Select(n => n.Id)];
    }
}
