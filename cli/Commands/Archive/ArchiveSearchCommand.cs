using System.CommandLine;
using System.Text;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

internal sealed class ArchiveSearchCommand : StellaCommand
{
    private const int DefaultLimit = 100;
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(1);

    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string> _from = ArchiveOptions.From();
    private readonly Option<string> _to = ArchiveOptions.To();
    private readonly Option<string?> _eventFrom = new("--event-from") { Description = "Only records whose own time is not before it.", HelpName = "TIME" };
    private readonly Option<string?> _eventTo = new("--event-to") { Description = "Only records whose own time is before it.", HelpName = "TIME" };
    private readonly Option<Signal[]> _signals = ArchiveOptions.Signals();
    private readonly Option<string[]> _services = CommandOptions.Services();
    private readonly Option<string?> _trace = new("--trace") { Description = "Only this trace (32 hexadecimal digits).", HelpName = "ID" };
    private readonly Option<string?> _severity = new("--severity") { Description = "Only log records of this severity or above: TRACE, DEBUG, INFO, WARN, ERROR, FATAL.", HelpName = "NAME" };

    private readonly Option<string[]> _attributes = new("--attr")
    {
        Description = "Only records with this attribute, of their own, their scope or resource; given again, all must be there.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string?> _text = new("--text") { Description = "Only log records in whose body this stands, wherever in it.", HelpName = "TEXT" };
    private readonly Option<bool> _ignoreCase = new("--ignore-case", "-i") { Description = "A to Z in --text are the same as a to z." };
    private readonly Option<int> _limit = new("--limit") { Description = "The most records that are shown.", DefaultValueFactory = _ => DefaultLimit, HelpName = "N" };
    private readonly Option<string?> _path = ArchiveOptions.Path();

    public ArchiveSearchCommand(CliHost host)
        : base(host, "search", "Searches the archive; records come in the order in which they were accepted.")
    {
        foreach (var option in (Option[])[_tenant, _from, _to, _eventFrom, _eventTo, _signals, _services, _trace, _severity, _attributes, _text, _ignoreCase, _limit, _path])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry archive search --tenant acme --from -1h --severity ERROR --text 'timed out' -i",
        "stella telemetry archive search --tenant acme --from -2h --trace 5b8efff798038103d269b633813fc60c",
        "stella telemetry archive search --tenant acme --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z --service checkout --attr http.response.status_code=500 --output json",
        "stella telemetry archive search --path .stella/archive --tenant acme --from -1d --signal logs --limit 10",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = ReadRequest(context);
        if (SearchRequestRules.Check(request).ToList() is { Count: > 0 } faults)
        {
            throw CliException.Usage(string.Join("; ", faults.Select(f => $"{f.Field} {f.Message}")));
        }

        var output = new SearchOutput(context);
        await foreach (var line in LinesAsync(context, request, cancellationToken))
        {
            output.Take(line);
        }

        return output.End();
    }

    private IAsyncEnumerable<string> LinesAsync(CommandContext context, ArchiveSearchRequest request, CancellationToken cancellationToken)
    {
        if (context.Arguments.GetValue(_path) is { } path)
        {
            return SearchAnswer.LinesAsync(
                ArchiveFolder.Open(path, context.Host.WorkingDirectory), SearchRequestRules.ToQuery(request), s_progressEvery, context.Host.Time, _ => { }, cancellationToken)
                .Select(line => Encoding.UTF8.GetString(line.Span[..^1]));
        }

        return RemoteAsync(context, request, cancellationToken);
    }

    private static async IAsyncEnumerable<string> RemoteAsync(
        CommandContext context, ArchiveSearchRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.TelemetryRead, request.Tenant.Value);
        await foreach (var line in new ArchiveClient(http).SearchAsync(request, cancellationToken))
        {
            yield return line;
        }
    }

    private ArchiveSearchRequest ReadRequest(CommandContext context)
    {
        var arguments = context.Arguments;
        var (from, to) = ArchiveOptions.Window(context, _from, _to);
        return new ArchiveSearchRequest(
            arguments.GetRequiredValue(_tenant),
            from,
            to,
            Time(_eventFrom),
            Time(_eventTo),
            arguments.GetValue(_signals) is { Length: > 0 } signals ? signals : null,
            arguments.GetValue(_services) is { Length: > 0 } services ? services : null,
            arguments.GetValue(_trace)?.ToLowerInvariant(),
            arguments.GetValue(_severity),
            arguments.GetValue(_attributes) is { Length: > 0 } attributes ? [.. attributes.Select(Attribute)] : null,
            arguments.GetValue(_text),
            arguments.GetValue(_ignoreCase),
            arguments.GetValue(_limit),
            Progress: true);

        DateTimeOffset? Time(Option<string?> option) =>
            arguments.GetValue(option) is { } text ? TimePoint.Parse(text, option.Name, context.Host.Time) : null;
    }

    private static ArchiveSearchAttribute Attribute(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var cut
        ? new ArchiveSearchAttribute(text[..cut], text[(cut + 1)..])
        : throw CliException.Usage($"--attr: '{text}' is no KEY=VALUE");
}
