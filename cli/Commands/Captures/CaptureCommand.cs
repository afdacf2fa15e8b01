using System.CommandLine;
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

    private readonly Option<string?> _maxContent = new("--max-content") { Description = "Fail rather than sort more than this, uncompressed. Default: the worker's limit.", HelpName = "SIZE" };
    private readonly Option<string?> _maxDuration = new("--max-duration") { Description = "Fail rather than take longer than this. Default: the worker's limit.", HelpName = "TIME" };
    private readonly Option<string?> _target = CaptureOptions.Target();
    private readonly Option<bool> _requireComplete = CaptureOptions.RequireComplete();

    public CaptureCommand(CliHost host)
        : base(host, "capture", "Captures a tenant's window as a signed forensic bundle and fetches it.")
    {
        foreach (var option in (Option[])[_tenant, _from, _to, _services, _trace, _incident, _maxContent, _maxDuration, _target, _requireComplete])
        {
            Options.Add(option);
        }

        foreach (var command in (Command[])[new CaptureListCommand(host), new CaptureShowCommand(host), new CaptureFollowCommand(host), new CaptureCancelCommand(host)])
        {
            Subcommands.Add(command);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry capture --tenant acme --from -15m",
        "stella telemetry capture --tenant acme --from 2026-03-01T12:00:00Z --to 2026-03-01T12:30:00Z --service checkout -o evidence/",
        "stella telemetry capture --tenant acme --from -1h --max-content 5GB --max-duration 10m --require-complete",
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

        return await CaptureEnd.FetchAsync(context, job, context.Arguments.GetValue(_target), context.Arguments.GetValue(_requireComplete), cancellationToken);
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
            arguments.GetValue(_incident),
            arguments.GetValue(_maxContent) is { } size ? ByteSize.Parse(size, "--max-content") : null,
            arguments.GetValue(_maxDuration) is { } time ? (int)Math.Ceiling(Duration.Parse(time, "--max-duration").TotalSeconds) : null);
    }
}
