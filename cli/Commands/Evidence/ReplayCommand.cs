using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Spectre.Console;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Replay;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

internal sealed class ReplayCommand : StellaCommand
{
    private readonly ReplayOptions _options = new();
    private readonly Option<string[]> _keys = EvidenceKeys.Option();
    private readonly Option<bool> _noVerify = new("--no-verify") { Description = "Replay what nobody vouches for." };

    public ReplayCommand(CliHost host)
        : base(host, "replay", "Replays a bundle into an OTLP endpoint and proves the counts against its manifest. A run that was cut goes on where it was.")
    {
        _options.AddTo(this);
        Options.Add(_keys);
        Options.Add(_noVerify);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry replay evidence/acme-20260301T120000Z-20260301T123000Z --to http://127.0.0.1:4318 --tenant sealed --gateway-url http://127.0.0.1:8080",
        "stella telemetry replay BUNDLE --key evidence.pub --to http://127.0.0.1:4318 --rate 1000 --token-file token.txt",
        "stella telemetry replay BUNDLE --to https://otel.example:4317 --protocol grpc --ca ca.pem --header-file headers.txt --foreign --shift now --speed 10x",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var plan = _options.Read(context);
        var (manifest, hash) = (default(BundleManifest), default(string));
        if (!arguments.GetValue(_noVerify))
        {
            var keys = EvidenceKeys.Load(context, arguments.GetValue(_keys));
            var verification = await new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(plan.Bundle, keys, cancellationToken);
            if (!verification.Ok)
            {
                throw new CliException(
                    CliExitCodes.VerificationFailed,
                    "the bundle is not verified: " + string.Join("; ", verification.Checks.Where(c => !c.Ok).Select(c => $"{c.Name}: {c.Detail}")),
                    "see 'stella telemetry verify'; spell --no-verify to replay it all the same");
            }

            (manifest, hash) = (verification.Manifest, verification.ArchiveHash);
        }

        var files = BundleFiles.Locate(plan.Bundle);
        manifest ??= await ReadManifestAsync(files, cancellationToken);
        hash ??= await HashAsync(files, cancellationToken);
        var report = plan.IsDryRun
            ? await CountAsync(context, plan, files, manifest, hash, cancellationToken)
            : await ReplayAsync(context, plan, files, manifest, hash, cancellationToken);
        context.Output.Print(report, CliJson.Default.ReplayReport, TableOf);
        context.Output.Note(report.Proof.Says);
        if (report.Shift is { } shift)
        {
            context.Output.Note($"all times were shifted by {shift} ns: these are not the bundle's bytes, and a capture of them has another hash");
        }

        foreach (var failure in report.Failures)
        {
            context.Output.Note("error: " + failure);
        }

        return report.Ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private async Task<ReplayReport> ReplayAsync(
        CommandContext context, ReplayPlan plan, BundleFiles files, BundleManifest manifest, string hash, CancellationToken cancellationToken)
    {
        var started = context.Host.Time.GetTimestamp();
        var job = new ReplayJob(
            files,
            manifest,
            new ReplaySubject(hash, plan.Endpoint.ToString(), plan.Protocol, plan.Tenant?.Value, plan.Shift, plan.IsUnmarked),
            BatchingOf(plan.Pace),
            plan.Pace,
            ShiftOf(plan.Shift, manifest, context.Host.Time),
            plan.IsForeign);
        using var http = _options.Connection.Connect(context, plan);
        var stateFile = plan.StateFile ?? Path.Combine(files.Folder, files.Name + ".replay.json");
        using var file = OpenState(stateFile);
        var result = await new ReplayRun(context, plan, http).RunAsync(job, file, cancellationToken);
        var state = result.State;
        if (result.WasResumed)
        {
            context.Output.Note($"replay {state.ReplayId} of {OutputWriter.Time(state.StartedAt)} went on{(state.FinishedAt < context.Host.Time.GetUtcNow() - context.Host.Time.GetElapsedTime(started) ? ": it was finished, and nothing was sent; --restart begins anew" : "")}");
        }

        var failures = result.Faults.ToList();
        var counts = plan.Gateways.Count > 0 ? new ReplayCounts(context, plan.Gateways, plan.Tenant!.Value) : null;
        if (counts is not null && await counts.AskAsync(state, cancellationToken) is { } wrong)
        {
            failures.Add(wrong);
        }

        var signals = CountsOf(manifest, s => state.Signals.FirstOrDefault(f => f.Signal == s) ?? new ReplaySignalState(s, 0, 0, 0), counts);
        return new ReplayReport(
            failures.Count == 0 && signals.All(s => s.Ok(dryRun: false)),
            files.Name,
            hash,
            plan.Endpoint.ToString(),
            plan.Tenant?.Value,
            state.ReplayId,
            DryRun: false,
            result.WasResumed,
            state.Acknowledged,
            context.Host.Time.GetElapsedTime(started).TotalSeconds,
            state.ShiftNanoseconds == "0" ? null : state.ShiftNanoseconds,
            stateFile,
            signals,
            counts is null ? ReplayProof.Answers(state.IsMarkUnderstood ?? false) : ReplayProof.Gateway(counts.Gateways),
            failures);
    }

    private static async Task<ReplayReport> CountAsync(
        CommandContext context, ReplayPlan plan, BundleFiles files, BundleManifest manifest, string hash, CancellationToken cancellationToken)
    {
        var started = context.Host.Time.GetTimestamp();
        var found = SignalNames.All.ToDictionary(s => s, _ => 0L);
        var batches = 0L;
        await foreach (var batch in ReplayBatches.ReadAsync(files, BatchingOf(plan.Pace), cancellationToken))
        {
            found[batch.Signal] += batch.Records;
            batches++;
        }

        var shift = ShiftOf(plan.Shift, manifest, context.Host.Time);
        var signals = CountsOf(manifest, s => new ReplaySignalState(s, found[s], 0, 0), null);
        return new ReplayReport(
            signals.All(s => s.Ok(dryRun: true)),
            files.Name,
            hash,
            plan.Endpoint.ToString(),
            plan.Tenant?.Value,
            ReplayId: null,
            DryRun: true,
            WasResumed: false,
            batches,
            context.Host.Time.GetElapsedTime(started).TotalSeconds,
            shift == 0 ? null : shift.ToString(CultureInfo.InvariantCulture),
            StateFile: null,
            signals,
            ReplayProof.Nothing,
            []);
    }

    private static List<ReplayCount> CountsOf(BundleManifest manifest, Func<Signal, ReplaySignalState> found, ReplayCounts? gateway) =>
    [
        .. SignalNames.All
            .Select(s => (Signal: s, Found: found(s), Said: manifest.Signals.GetValueOrDefault(s.ToName())?.Records ?? 0))
            .Where(s => s.Said > 0 || s.Found.Sent > 0)
            .Select(s => new ReplayCount(s.Signal.ToName(), s.Said, s.Found.Sent, s.Found.Accepted, s.Found.Rejected, gateway?.RecordsOf(s.Signal))),
    ];

    /// <summary>At a rate, a batch is no more than a second's records: else they would come in bursts.</summary>
    private static ReplayBatching BatchingOf(ReplayPace pace) =>
        new(pace.RecordsPerSecond is { } rate ? (int)Math.Clamp(rate, 1, ReplayBatching.UsualRecords) : ReplayBatching.UsualRecords, ByTime: pace.Speed is not null);

    /// <summary>Nanoseconds.</summary>
    private static long ShiftOf(string? shift, BundleManifest manifest, TimeProvider time)
    {
        switch (shift)
        {
            case null:
                return 0;
            case "now":
                var last = manifest.Signals.Values.Select(s => long.Parse(s.LastEventTime, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();
                return last == 0 ? 0 : ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100) - last;
            default:
                _ = Duration.TryParse(shift.AsSpan(1), out var by);
                return (shift[0] == '-' ? -by.Ticks : by.Ticks) * 100;
        }
    }

    private static ReplayStateFile OpenState(string path)
    {
        try
        {
            return ReplayStateFile.Open(path);
        }
        catch (ReplayException e)
        {
            throw new CliException(ReplayRun.ExitCodeOf(e.Fault), e.Message, e.Fix, e);
        }
    }

    private static async Task<BundleManifest> ReadManifestAsync(BundleFiles files, CancellationToken cancellationToken)
    {
        var reader = new BundleReader(files);
        await foreach (var frame in reader.ReadAsync(cancellationToken))
        {
            // Only its end is wanted, where the manifest stands.
        }

        return reader.Manifest!;
    }

    private static async Task<string> HashAsync(BundleFiles files, CancellationToken cancellationToken)
    {
        var parts = new List<string>();
        foreach (var part in files.Parts)
        {
            await using var file = File.OpenRead(part);
            parts.Add(Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
        }

        return BundleFormat.ArchiveHash(parts);
    }

    private static Table TableOf(ReplayReport report)
    {
        var table = OutputWriter.NewTable("SIGNAL", "MANIFEST", "SENT", "ACCEPTED", "REJECTED", "GATEWAY", "");
        foreach (var c in report.Signals)
        {
            table.AddRow(c.Signal, Text(c.Manifest), Text(c.Sent), Text(c.Accepted), Text(c.Rejected), c.Gateway is { } g ? Text(g) : "-", c.Ok(report.DryRun) ? "[green]equal[/]" : "[red]DIFFERS[/]");
        }

        return table;

        static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
    }
}
