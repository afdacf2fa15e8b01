using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveScrubCommand : StellaCommand
{
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("Only this tenant's part.");
    private readonly Option<string?> _from = new("--from") { Description = $"First day (UTC): YYYY-MM-DD, or {TimePoint.Forms}.", HelpName = "DAY" };
    private readonly Option<string?> _to = new("--to") { Description = "Last day (UTC), itself included.", HelpName = "DAY" };
    private readonly Option<string?> _path = new("--path") { Description = "A folder with an archive, or a copy of one: scrubbed here, without a service.", HelpName = "FOLDER" };
    private readonly Option<string[]> _keys = ArchiveTrust.Option();
    private readonly Option<string?> _heads = new("--heads") { Description = "With --path: report of an earlier scrub (--output json). The newest roots in it must still be there.", HelpName = "FILE" };

    public ArchiveScrubCommand(CliHost host)
        : base(host, "scrub", "Reads the archive to its last byte and compares it with manifests, tombstones and signed day roots. Ends with 3 when something is wrong.")
    {
        foreach (var option in (Option[])[_tenant, _from, _to, _path, _keys, _heads])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry archive scrub --tenant acme --from -7d",
        "stella telemetry archive scrub --path /mnt/archive --key capture-worker.pub --output json > scrub.json",
        "stella telemetry archive scrub --path /mnt/archive --key capture-worker.pub --heads scrub.json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var request = new StartScrubRequest(arguments.GetValue(_tenant), Day(context, _from, "--from"), Day(context, _to, "--to"));
        if (request.From > request.To)
        {
            throw CliException.Usage("--to is before --from", "name the first day with --from");
        }

        var report = arguments.GetValue(_path) is { } path
            ? await ScrubFolderAsync(context, Path.GetFullPath(path, context.Host.WorkingDirectory), request, cancellationToken)
            : await AskAsync(context, request, cancellationToken);
        context.Output.Print(report, ContractsJson.Default.ScrubReport, ScrubTables.Of);
        foreach (var note in report.Notes)
        {
            context.Output.Note($"note: {note}");
        }

        foreach (var mend in report.Findings.Select(f => (f.Kind, f.Mend)).Distinct())
        {
            context.Output.Note($"  fix: {mend.Kind}: {mend.Mend}");
        }

        context.Output.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{(report.FindingCount == 0 ? "sound" : "error")}: {report.FindingCount} findings in {report.Chunks} chunks, {report.StoredBytes} bytes, {report.Tombstones} tombstones, {report.Roots} roots of {report.Tenants} tenants; {report.Unrooted} chunks without a root yet"));
        return report.FindingCount == 0 ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private async Task<ScrubReport> ScrubFolderAsync(CommandContext context, string folder, StartScrubRequest request, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path.Combine(folder, "archive", "v1")))
        {
            throw CliException.Usage($"--path '{folder}' holds no 'archive/v1'", "name the folder that Stella__Archive__Path names, or a copy of it");
        }

        var trust = ArchiveTrust.Load(context, context.Arguments.GetValue(_keys));
        var known = ReadHeads(context);
        var tally = new ScrubTally();
        var manner = ScrubManner.Plain with { KnownHead = t => known.GetValueOrDefault(t.Value) };
        var scrubber = new ArchiveScrubber(FolderObjectStore.OpenForReading(folder), trust, manner, context.Host.Time);
        await new ScrubWatch(context).ShowAsync(show => scrubber.RunAsync(
            new ScrubScope(request.Tenant, request.From, request.To),
            tally,
            null,
            cursor =>
            {
                show($"{cursor.Tenant} {cursor.Day:yyyy-MM-dd}", cursor.DoneBytes, cursor.TotalBytes);
                return Task.CompletedTask;
            },
            cancellationToken));
        return tally.ToReport();
    }

    private static async Task<ScrubReport> AskAsync(CommandContext context, StartScrubRequest request, CancellationToken cancellationToken)
    {
        var tenant = request.Tenant?.Value ?? "*";
        ScrubResponse scrub;
        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesCreate, tenant))
        {
            scrub = await new ScrubClient(http).StartAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        }

        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead, tenant))
        {
            scrub = await new ScrubWatch(context).FollowAsync(new ScrubClient(http), scrub, cancellationToken);
        }

        return scrub.State == ScrubState.Succeeded
            ? scrub.Report
            : throw new CliException(CliExitCodes.Failed, $"scrub {scrub.Id} failed: {scrub.Failure}", "see the capture worker's log, mend the cause and scrub again");
    }

    private IReadOnlyDictionary<string, RootHead> ReadHeads(CommandContext context)
    {
        if (context.Arguments.GetValue(_heads) is not { } file)
        {
            return new Dictionary<string, RootHead>();
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.GetFullPath(file, context.Host.WorkingDirectory)), ContractsJson.Default.ScrubReport)?.Heads
                ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"--heads '{file}': {e.Message}", "name what 'archive scrub --output json' printed", e);
        }
    }

    private static DateOnly? Day(CommandContext context, Option<string?> option, string name)
    {
        if (context.Arguments.GetValue(option) is not { } text)
        {
            return null;
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : DateOnly.FromDateTime(TimePoint.Parse(text, name, context.Host.Time).UtcDateTime);
    }
}
