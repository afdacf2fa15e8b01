using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

internal sealed class CaptureCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string> _from = new("--from") { Description = "First moment of acceptance: " + TimePoint.Forms + ".", Required = true, HelpName = "TIME" };
    private readonly Option<string> _to = new("--to") { Description = "Moment of acceptance up to which, itself excluded.", DefaultValueFactory = _ => "now", HelpName = "TIME" };
    private readonly Option<string[]> _services = CommandOptions.Services();
    private readonly Option<string?> _trace = new("--trace") { Description = "Only this trace (32 hexadecimal digits).", HelpName = "ID" };
    private readonly Option<string?> _incident = new("--incident") { Description = "The incident that it is for; named in the provenance.", HelpName = "ID" };

    private readonly Option<string?> _target = new("--out", "-o")
    {
        Description = "Folder for the bundle's files (or DIR/NAME.tar.zst with the bundle's own name). Default: a folder named like the bundle, here.",
        HelpName = "DIR",
    };

    public CaptureCommand(CliHost host)
        : base(host, "capture", "Captures a tenant's window as a signed forensic bundle and fetches it.")
    {
        foreach (var option in (Option[])[_tenant, _from, _to, _services, _trace, _incident, _target])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry capture --tenant acme --from -15m",
        "stella telemetry capture --tenant acme --from 2026-03-01T12:00:00Z --to 2026-03-01T12:30:00Z --service checkout -o evidence/",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = ReadRequest(context);
        var tenant = request.Tenant.Value;
        CaptureResponse job;
        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesCreate, tenant))
        {
            job = await new CaptureClient(http).CreateAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        }

        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead, tenant))
        {
            job = await new CaptureWatch(context, new CaptureClient(http)).FollowAsync(job, cancellationToken);
        }

        if (job.State != CaptureState.Succeeded)
        {
            throw new CliException(CliExitCodes.Failed, $"capture {job.Id} failed: {job.Failure}", "see the capture worker's log, mend the cause and capture again");
        }

        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesExport, tenant))
        {
            var folder = CaptureTarget.FolderOf(context.Arguments.GetValue(_target), job.BundleName!, context.Host.WorkingDirectory);
            await new CaptureDownload(new CaptureClient(http)).FetchAsync(job, folder, cancellationToken);
            context.Output.Note($"bundle in {folder}");
        }

        context.Output.Print(job, ContractsJson.Default.CaptureResponse, TableOf);
        return CliExitCodes.Done;
    }

    private CreateCaptureRequest ReadRequest(CommandContext context)
    {
        var arguments = context.Arguments;
        var from = TimePoint.Parse(arguments.GetRequiredValue(_from), "--from", context.Host.Time);
        var to = TimePoint.Parse(arguments.GetRequiredValue(_to), "--to", context.Host.Time);
        if (to <= from)
        {
            throw CliException.Usage($"--to ({OutputWriter.Time(to)}) is not after --from ({OutputWriter.Time(from)})");
        }

        return new CreateCaptureRequest(
            arguments.GetRequiredValue(_tenant),
            from,
            to,
            arguments.GetValue(_services) is { Length: > 0 } services ? services : null,
            arguments.GetValue(_trace),
            arguments.GetValue(_incident));
    }

    private static Table TableOf(CaptureResponse job) => OutputWriter.Properties(
    [
        ("capture", job.Id),
        ("bundle", job.BundleName),
        ("archive hash", job.ArchiveHash),
        ("records", string.Join(", ", job.Records.Select(r => $"{r.Key} {r.Value}"))),
        ("files", string.Join(", ", job.Files.Select(f => f.Name))),
        .. job.Gaps.Count == 0 ? [("gaps", "none")] : job.Gaps.Select(g => ("gap", (string?)g)),
    ]);
}
