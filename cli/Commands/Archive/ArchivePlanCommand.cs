using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchivePlanCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's.");
    private readonly Option<string> _within = new("--within") { Description = "How far ahead, if nothing more came.", DefaultValueFactory = _ => "24h", HelpName = "DURATION" };
    private readonly Option<bool> _chunks = new("--chunks") { Description = "A line for each chunk instead of one for each hour." };

    public ArchivePlanCommand(CliHost host)
        : base(host, "plan", "Says what will go from the archive, when and why, and what holds keep, before it goes.")
    {
        Options.Add(_tenant);
        Options.Add(_within);
        Options.Add(_chunks);
    }

    public override IReadOnlyList<string> Examples =>
        ["stella telemetry archive plan", "stella telemetry archive plan --tenant acme --within 7d", "stella telemetry archive plan --within 1h --chunks --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Arguments.GetValue(_tenant);
        var until = context.Host.Time.GetUtcNow() + Duration.Parse(context.Arguments.GetRequiredValue(_within), "--within");
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.TelemetryRead, tenant?.Value ?? "*");
        var client = new ArchiveClient(http);
        var plan = await client.PlanAsync(tenant, until, context.Arguments.GetValue(_chunks), null, cancellationToken);
        var (rows, left) = (plan.Items.ToList(), (plan.Left ?? []).ToList());
        while (plan.NextCursor is { } cursor && rows.Count < Paging.MaxItems)
        {
            plan = await client.PlanAsync(tenant, until, context.Arguments.GetValue(_chunks), cursor, cancellationToken);
            rows.AddRange(plan.Items);
            left.AddRange(plan.Left ?? []);
        }

        plan = plan with { Items = rows, Left = [.. left.DistinctBy(c => c.Key)] };
        context.Output.Print(plan, ContractsJson.Default.ArchivePlanResponse, p => TableOf(p.Items));
        Explain(context, plan);
        return CliExitCodes.Done;
    }

    private static void Explain(CommandContext context, ArchivePlanResponse plan)
    {
        context.Output.Note((plan.Profile, plan.Fault) switch
        {
            (null, var fault) => $"nothing goes: no policy is in force ({fault ?? "none was read"})",
            ({ } profile, null) => $"by profile {profile}, {Sum(plan, a => a is ArchiveAction.Expire or ArchiveAction.Size)} go until {OutputWriter.Time(plan.Until)}; "
                + $"{Sum(plan, a => a == ArchiveAction.Held)} would go and are held; {Sum(plan, a => a == ArchiveAction.Warm)} are rewritten smaller",
            ({ } profile, { } fault) => $"by profile {profile} as it was last good; its files cannot be used now: {fault}",
        });
        foreach (var chunk in plan.Left ?? [])
        {
            context.Output.Note($"left by sweeps since {OutputWriter.Time(chunk.Since)}: {chunk.Key}: {chunk.What}");
        }

        if (plan.NextCursor is not null)
        {
            context.Output.Note($"there is more: the first {plan.Items.Count} lines are shown; ask for one tenant, or less far ahead");
        }
    }

    private static string Sum(ArchivePlanResponse plan, Func<ArchiveAction, bool> of)
    {
        var rows = plan.Items.Where(r => of(r.Action)).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{rows.Sum(r => r.Chunks)} chunks ({ByteSize.Format(rows.Sum(r => r.StoredBytes))})");
    }

    private static Table TableOf(IReadOnlyList<ArchivePlanRow> rows)
    {
        var table = OutputWriter.NewTable("AT", "WHAT", "TENANT", "SIGNAL", "TIER", "HOUR", "CHUNKS", "RECORDS", "STORED", "HELD BY", "RULE");
        foreach (var row in rows)
        {
            table.AddRow(
                OutputWriter.Time(row.At),
                row.Action.ToString().ToLowerInvariant(),
                row.Tenant.Value,
                row.Signal.ToName(),
                Markup.Escape(row.Tier),
                Markup.Escape(row.Segment ?? OutputWriter.Time(row.Hour)),
                row.Chunks.ToString(CultureInfo.InvariantCulture),
                row.Records.ToString(CultureInfo.InvariantCulture),
                ByteSize.Format(row.StoredBytes),
                row.HeldBy.Count == 0 ? "-" : Markup.Escape(string.Join(", ", row.HeldBy)),
                Markup.Escape(row.Rule));
        }

        return table;
    }
}
