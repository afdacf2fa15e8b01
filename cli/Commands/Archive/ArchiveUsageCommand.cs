using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveUsageCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");

    public ArchiveUsageCommand(CliHost host)
        : base(host, "usage", "Says what tenants have in the archive, and how much of it holds keep.") => Options.Add(_tenant);

    public override IReadOnlyList<string> Examples => ["stella telemetry archive usage", "stella telemetry archive usage --tenant acme --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.TelemetryRead, tenant?.Value ?? "*");
        var client = new ArchiveClient(http);
        var rows = await Paging.AllAsync(cursor => client.UsageAsync(tenant, cursor, cancellationToken));
        context.Output.Print(rows, ContractsJson.Default.PageArchiveUsageRow, p => TableOf(p.Items));
        return CliExitCodes.Done;
    }

    private static Table TableOf(IReadOnlyList<ArchiveUsageRow> rows)
    {
        var table = OutputWriter.NewTable("TENANT", "SIGNAL", "TIER", "STORED AS", "CHUNKS", "RECORDS", "STORED", "CONTENT", "OLDEST", "NEWEST", "HELD");
        foreach (var row in rows)
        {
            table.AddRow(
                row.Tenant.Value,
                row.Signal.ToName(),
                Markup.Escape(row.Tier),
                row.Temperature == ArchiveTemperature.Warm ? "warm" : "hot",
                Number(row.Chunks),
                Number(row.Records),
                ByteSize.Format(row.StoredBytes),
                ByteSize.Format(row.ContentBytes),
                OutputWriter.Time(row.Oldest),
                OutputWriter.Time(row.Newest),
                row.HeldChunks == 0 ? "-" : $"{Number(row.HeldChunks)} chunks, {ByteSize.Format(row.HeldBytes)}");
        }

        return table;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
