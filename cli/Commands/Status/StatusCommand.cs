using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Commands.Rollouts;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Status;

internal sealed class StatusCommand(CliHost host) : StellaCommand(host, "status", "Shows what runs and how it does: processes, profile, sampling, incidents, queues, last capture, fleet.")
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly string[] s_services = [KnownServices.ProfileService, KnownServices.IncidentService, KnownServices.CaptureWorker, KnownServices.IngestGateway];

    public override IReadOnlyList<string> Examples => ["stella telemetry status", "stella telemetry status --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        if (s_services.All(s => context.Services.Find(s) is null))
        {
            context.Services.Require(s_services[0]);
        }

        var processes = await Task.WhenAll(s_services.Select(s => ProbeAsync(context, s, cancellationToken)));
        var gateway = await AskAsync(
            context, notes, KnownServices.IngestGateway, KnownScopes.TelemetryRead, http => new GatewayClient(http).GetSelfAsync(cancellationToken), cancellationToken);
        var incidents = await AskAsync(
            context,
            notes,
            KnownServices.IncidentService,
            KnownScopes.IncidentsRead,
            http => Paging.AllAsync(cursor => new IncidentClient(http).ListAsync(null, cursor, cancellationToken)),
            cancellationToken);
        var captures = await AskAsync(
            context, notes, KnownServices.CaptureWorker, KnownScopes.CapturesRead, http => new CaptureClient(http).ListAsync(null, null, cancellationToken), cancellationToken);
        var fleet = await AskAsync(
            context, notes, KnownServices.ProfileService, KnownScopes.ProfilesRead, http => new ProfileClient(http).GetFleetAsync(cancellationToken), cancellationToken);
        var rollouts = await AskAsync(
            context, notes, KnownServices.ProfileService, KnownScopes.ProfilesRead, http => new ProfileClient(http).ListRolloutsAsync(null, cancellationToken), cancellationToken);
        var report = new StatusReport(
            processes,
            gateway,
            incidents?.Items.Where(i => i.State is IncidentState.Active or IncidentState.CoolingDown or IncidentState.Requested).ToList(),
            captures?.Items.FirstOrDefault(),
            fleet,
            rollouts?.Items.FirstOrDefault(),
            notes);
        context.Output.Print(report, CliJson.Default.StatusReport, TableOf);
        return processes.All(p => p.Health == "ready") ? CliExitCodes.Done : CliExitCodes.Failed;
    }

    private static async Task<ProcessStatus> ProbeAsync(CommandContext context, string service, CancellationToken cancellationToken)
    {
        if (context.Services.Find(service) is not { } url)
        {
            return new ProcessStatus(service, null, "unknown");
        }

        using var http = new HttpClient(context.Host.CreateHandler()) { BaseAddress = url, Timeout = s_patience };
        try
        {
            using var answer = await http.GetAsync("health", cancellationToken);
            return new ProcessStatus(service, url.ToString(), answer.IsSuccessStatusCode ? "ready" : "not ready");
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ProcessStatus(service, url.ToString(), "unreachable");
        }
    }

    // What one service cannot tell must not hide what the others can.
    private static async Task<T?> AskAsync<T>(
        CommandContext context, List<string> notes, string service, string scope, Func<HttpClient, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        if (context.Services.Find(service) is null)
        {
            return null;
        }

        try
        {
            using var http = context.Connect(service, scope);
            return await ask(http);
        }
        catch (Exception e) when (e is ApiException or CliException or HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            notes.Add($"{service}: {e.Message}");
            return null;
        }
    }

    private static Table TableOf(StatusReport report)
    {
        var rows = new List<(string, string?)>();
        rows.AddRange(report.Processes.Select(p => (p.Name, (string?)$"{p.Health,-12} {p.Url}")));
        if (report.Gateway is { } gateway)
        {
            rows.Add(("profile", $"{gateway.Profile} ({gateway.ProfileHash[..Math.Min(12, gateway.ProfileHash.Length)]}), redaction {gateway.RedactionPolicy}, durability {gateway.Durability}"));
            rows.Add(("deployment", Deployment(gateway)));
            rows.Add(("sampling", gateway.SamplingPercent.ToString("0.##", CultureInfo.InvariantCulture) + " %"));
            rows.Add(("recorder", $"{gateway.RecorderSpanSeconds:0} s, {gateway.LogBytes / 1048576.0:0.0} MiB, next sequence {gateway.NextSequence}"));
            rows.Add(("undecided", $"{gateway.UndecidedRecords} records"));
            rows.AddRange(gateway.Exporters.Select(e => ($"exporter {e.Name}", (string?)$"{e.Kind}, {e.PendingRecords} pending, oldest {e.OldestPendingSeconds:0.0} s{(e.Circuit is null or "closed" ? "" : $", circuit {e.Circuit}")}{(e.LastError is null ? "" : ", " + e.LastError)}")));
        }

        rows.AddRange((report.Incidents ?? []).Select(i => ("incident", (string?)$"{i.Id} {i.Tenant} {i.State}, until {OutputWriter.Time(i.ExpiresAt)}: {i.Reason}")));
        if (report.Incidents is { Count: 0 })
        {
            rows.Add(("incident", "none"));
        }

        if (report.LastCapture is { } capture)
        {
            rows.Add(("last capture", $"{capture.Id} {capture.Tenant} {capture.State}, {OutputWriter.Time(capture.RequestedAt)}, {capture.Gaps.Count} gaps{(capture.Complete == false ? ", INCOMPLETE" : "")}"));
        }

        if (report.Fleet is { } fleet)
        {
            rows.Add(("fleet", FleetOf(fleet)));
        }

        if (report.LastRollout is { } rollout)
        {
            rows.Add(("last rollout", $"{rollout.Id} {rollout.Profile}@{rollout.Version} {RolloutTables.Name(rollout.State)}: {RolloutTables.AgentsOf(rollout)}{(rollout.Failure is null ? "" : ", " + rollout.Failure)}"));
        }

        rows.AddRange(report.Notes.Select(n => ("note", (string?)n)));
        return OutputWriter.Properties([.. rows]);
    }

    private static string? Deployment(GatewayStatusResponse gateway)
    {
        var refused = gateway.RefusedDeployment is { } refusal ? $"; {refusal.Reason} since {OutputWriter.Time(refusal.At)}: {string.Join("; ", refusal.Faults)}" : "";
        if (gateway.Deployment is not { } deployment)
        {
            return refused.Length == 0 ? null : "none, the machine's own file" + refused;
        }

        var glass = deployment.BreakGlass is { } broken ? $", BREAK-GLASS by {broken.Person} ({broken.Reason})" : "";
        var approvers = deployment.Approvers.Count == 0 ? "nobody" : string.Join(", ", deployment.Approvers);
        return $"{deployment.Counter} of rollout {deployment.Rollout}: version {deployment.Version}, written by {deployment.Author}, approved by {approvers}{glass}{refused}";
    }

    private static string FleetOf(FleetResponse fleet)
    {
        var parts = new List<string> { $"{fleet.Connected} of {fleet.Agents} agents connected" };
        parts.AddRange(fleet.Running.Select(r => $"{r.Value} run {r.Key}"));
        foreach (var (count, what) in new[] { (fleet.Unhealthy, "not healthy"), (fleet.Drifting, "drift"), (fleet.Failed, "refused their configuration"), (fleet.Unverified, "verify no signatures") })
        {
            if (count > 0)
            {
                parts.Add($"{count} {what}");
            }
        }

        return string.Join(", ", parts);
    }
}
