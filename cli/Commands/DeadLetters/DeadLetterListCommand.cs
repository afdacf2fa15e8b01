using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.DeadLetters;

internal sealed class DeadLetterListCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string?> _exporter = DeadLetterOptions.Exporter();

    public DeadLetterListCommand(CliHost host)
        : base(host, "list", "Lists what stores refused for good, and why.")
    {
        Options.Add(_tenant);
        Options.Add(_exporter);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry deadletter list --tenant acme"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.IngestGateway, KnownScopes.TelemetryRead, tenant?.Value ?? "*");
        var client = new GatewayClient(http);
        var letters = await Paging.AllAsync(cursor => client.ListDeadLettersAsync(tenant, context.Arguments.GetValue(_exporter), cursor, cancellationToken));
        context.Output.Print(letters, ContractsJson.Default.PageDeadLetterResponse, page =>
        {
            var table = OutputWriter.NewTable("ID", "TENANT", "SIGNAL", "RECORDS", "REFUSED", "REASON");
            foreach (var letter in page.Items)
            {
                table.AddRow(
                    letter.Id,
                    letter.Tenant.Value,
                    letter.Signal.ToName(),
                    letter.Records.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    OutputWriter.Time(letter.At),
                    Markup.Escape(letter.Reason));
            }

            return table;
        });
        return CliExitCodes.Done;
    }
}
