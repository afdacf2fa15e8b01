using System.CommandLine;
using System.Globalization;
using StellaOps.Telemetry.Archive.Export;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveExportCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string> _from = ArchiveOptions.From();
    private readonly Option<string> _to = ArchiveOptions.To();
    private readonly Option<Signal[]> _signals = ArchiveOptions.Signals();
    private readonly Option<string> _target = new("--out", "-o") { Description = "The file to write.", Required = true, HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force") { Description = "Replace the file when it is there." };
    private readonly Option<bool> _compress = new("--zstd") { Description = "Write all of it as one Zstandard stream (zstd -d reads it)." };
    private readonly Option<string?> _path = ArchiveOptions.Path();

    private readonly Option<ArchiveExportFormat> _format = new("--format")
    {
        Description = "json: a request a line, which the Collector's otlpjsonfile receiver reads. proto: requests, each behind its length; one --signal only.",
        DefaultValueFactory = _ => ArchiveExportFormat.Json,
        HelpName = "json|proto",
    };

    public ArchiveExportCommand(CliHost host)
        : base(host, "export", "Writes a tenant's window to a file of the OpenTelemetry Collector's form (file exporter).")
    {
        foreach (var option in (Option[])[_tenant, _from, _to, _signals, _target, _format, _compress, _force, _path])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry archive export --tenant acme --from -1h -o acme.jsonl",
        "stella telemetry archive export --tenant acme --from -1h --signal traces --format proto --zstd -o traces.pb.zst",
        "stella telemetry archive export --path .stella/archive --tenant acme --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z --signal logs -o logs.jsonl",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var (from, to) = ArchiveOptions.Window(context, _from, _to);
        var signals = arguments.GetValue(_signals) is { Length: > 0 } given ? given : null;
        var request = new ArchiveExportRequest(arguments.GetRequiredValue(_tenant), from, to, signals, arguments.GetValue(_format), arguments.GetValue(_compress));
        if (ExportRequestRules.Check(request).ToList() is { Count: > 0 } faults)
        {
            throw CliException.Usage(string.Join("; ", faults.Select(f => $"{f.Field} {f.Message}")), "name one with --signal, or export as --format json");
        }

        var target = Path.GetFullPath(arguments.GetRequiredValue(_target), context.Host.WorkingDirectory);
        ArchiveExportSummary summary;
        await using (var file = ExportFile.Create(target, arguments.GetValue(_force)))
        {
            summary = await WriteAsync(context, request, file.Stream, cancellationToken);
            if (summary.Failure is not null)
            {
                throw new CliException(CliExitCodes.Failed, $"the export ended early, and '{target}' was not written: {summary.Failure}", "export again; see the capture worker's log when it stays so");
            }

            await file.CompleteAsync();
        }

        foreach (var gap in summary.Gaps)
        {
            context.Output.Note("left out: " + gap);
        }

        context.Output.Print(summary, ContractsJson.Default.ArchiveExportSummary, s => OutputWriter.Properties(
            ("file", target),
            ("records", s.Records.Count == 0 ? "none" : string.Join(", ", s.Records.Select(r => $"{r.Key} {r.Value}"))),
            ("requests", s.Requests.ToString(CultureInfo.InvariantCulture)),
            ("copies left out", s.Copies.ToString(CultureInfo.InvariantCulture))));
        return summary.Gaps.Count > 0 ? CliExitCodes.VerificationFailed : CliExitCodes.Done;
    }

    private async Task<ArchiveExportSummary> WriteAsync(CommandContext context, ArchiveExportRequest request, FileStream file, CancellationToken cancellationToken)
    {
        var slow = new SlowNote(context.Host);
        try
        {
            if (context.Arguments.GetValue(_path) is { } path)
            {
                return await ExportAnswer.RunAsync(
                    ArchiveFolder.Open(path, context.Host.WorkingDirectory),
                    request,
                    file,
                    p => slow.Tell(() => string.Create(CultureInfo.InvariantCulture, $"exporting: {p.Done:P0} of the window, {p.Records.Values.Sum()} records")),
                    cancellationToken);
            }

            var written = 0L;
            using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.TelemetryRead, request.Tenant.Value);
            return await new ArchiveClient(http).ExportAsync(
                request,
                answer => ExportAnswer.ReadAsync(
                    answer,
                    file,
                    bytes =>
                    {
                        written += bytes;
                        slow.Tell(() => string.Create(CultureInfo.InvariantCulture, $"exporting: {written / 1e6:0} MB written"));
                    },
                    cancellationToken),
                cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new CliException(CliExitCodes.Failed, e.Message, null, e);
        }
        finally
        {
            slow.Clear();
        }
    }
}
