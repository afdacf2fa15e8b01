using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.DeadLetters;

internal sealed class DeadLetterResendCommand : StellaCommand
{
    private const int IdsPerRequest = 100;

    private readonly Argument<string[]> _ids = new("id") { Description = "Which ones, as 'deadletter list' shows them.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _all = new("--all") { Description = "All that can be sent again, instead of ids." };
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string?> _exporter = DeadLetterOptions.Exporter();

    public DeadLetterResendCommand(CliHost host)
        : base(host, "resend", "Sends dead letters to their store again. What it takes is removed, and nothing else.")
    {
        Arguments.Add(_ids);
        Options.Add(_all);
        Options.Add(_tenant);
        Options.Add(_exporter);
        Validators.Add(result =>
        {
            if (result.GetValue(_all) == (result.GetValue(_ids) is { Length: > 0 }))
            {
                result.AddError("give ids, or --all");
            }
        });
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry deadletter resend --all --exporter tempo",
        "stella telemetry deadletter resend tempo.00000000000000000007-00000000000000000042-traces",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        var ids = context.Arguments.GetValue(_all) ? await AllAsync(context, tenant, cancellationToken) : context.Arguments.GetValue(_ids)!;
        using var http = context.Connect(KnownServices.IngestGateway, KnownScopes.ReplayWrite, tenant?.Value ?? "*");
        var client = new GatewayClient(http);
        var results = new List<DeadLetterResend>();
        foreach (var chunk in ids.Chunk(IdsPerRequest))
        {
            results.AddRange((await client.ResendDeadLettersAsync(chunk, cancellationToken)).Results);
        }

        context.Output.Print(new ResendDeadLettersResponse(results), ContractsJson.Default.ResendDeadLettersResponse, response =>
        {
            var table = OutputWriter.NewTable("ID", "OUTCOME", "RECORDS", "REASON");
            foreach (var result in response.Results)
            {
                table.AddRow(
                    Markup.Escape(result.Id),
                    result.Outcome.ToString().ToLowerInvariant(),
                    result.Records.ToString(CultureInfo.InvariantCulture),
                    Markup.Escape(result.Reason ?? "-"));
            }

            return table;
        });
        return results.TrueForAll(r => r.Outcome is DeadLetterOutcome.Accepted or DeadLetterOutcome.Gone) ? CliExitCodes.Done : CliExitCodes.Failed;
    }

    private async Task<IReadOnlyList<string>> AllAsync(CommandContext context, TenantId? tenant, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IngestGateway, KnownScopes.TelemetryRead, tenant?.Value ?? "*");
        var client = new GatewayClient(http);
        var letters = await Paging.AllAsync(cursor => client.ListDeadLettersAsync(tenant, context.Arguments.GetValue(_exporter), cursor, cancellationToken));
        return [.. letters.Items.Where(l => l.IsResendable).Select(l => l.Id)];
    }
}
