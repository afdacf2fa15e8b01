using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Audit;

internal sealed class AuditListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only what concerns this tenant.");
    private readonly Option<string?> _from = new("--from") { Description = "Not before: " + TimePoint.Forms + ".", HelpName = "TIME" };
    private readonly Option<string?> _to = new("--to") { Description = "Before.", HelpName = "TIME" };
    private readonly Option<int> _limit = new("--limit") { Description = "At most this many.", DefaultValueFactory = _ => 50, HelpName = "N" };

    public AuditListCommand(CliHost host)
        : base(host, "list", "Lists what anyone did, newest first.")
    {
        Options.Add(_tenant);
        Options.Add(_from);
        Options.Add(_to);
        Options.Add(_limit);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry audit list --from -1h", "stella telemetry audit list --tenant acme --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var limit = arguments.GetValue(_limit);
        if (limit is < 1 or > Paging.MaxItems)
        {
            throw CliException.Usage($"--limit: {limit} is not 1 to {Paging.MaxItems}");
        }

        var tenant = arguments.GetValue(_tenant);
        DateTimeOffset? from = arguments.GetValue(_from) is { } f ? TimePoint.Parse(f, "--from", context.Host.Time) : null;
        DateTimeOffset? to = arguments.GetValue(_to) is { } t ? TimePoint.Parse(t, "--to", context.Host.Time) : null;
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.AuditRead, tenant?.Value ?? "*");
        var client = new ProfileClient(http);
        var entries = await Paging.AllAsync(cursor => client.ListAuditAsync(tenant, from, to, cursor, null, cancellationToken), limit);
        context.Output.Print(entries, ContractsJson.Default.PageAuditEntryResponse, page =>
        {
            var table = OutputWriter.NewTable("#", "AT", "WHO", "WHAT", "TENANT", "TARGET");
            foreach (var e in page.Items)
            {
                table.AddRow(
                    e.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    OutputWriter.Time(e.At),
                    Markup.Escape(e.Actor),
                    Markup.Escape(e.Action),
                    Markup.Escape(e.Tenant ?? "-"),
                    Markup.Escape(e.Target));
            }

            return table;
        });
        return CliExitCodes.Done;
    }
}
