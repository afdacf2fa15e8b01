using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentStartCommand : StellaCommand
{
    private readonly Option<TenantId> _tenant = CommandOptions.RequiredTenant();
    private readonly Option<string[]> _services = CommandOptions.Services();
    private readonly Option<string> _reason = new("--reason") { Description = "Why; stands in the audit trail and in the evidence.", Required = true, HelpName = "TEXT" };
    private readonly Option<IncidentSeverity> _severity = new("--severity") { Description = "How bad it is.", DefaultValueFactory = _ => IncidentSeverity.Critical };
    private readonly Option<double?> _rate = new("--sampling-rate") { Description = "Share of traces kept, above 0 and at most 1. Default: what the site's profile says.", HelpName = "RATE" };
    private readonly Option<string> _ttl = new("--ttl") { Description = "How long it lasts without a stop.", DefaultValueFactory = _ => "1h", HelpName = "DURATION" };
    private readonly Option<string[]> _match = new("--match")
    {
        Description = "Only traces with a span or resource that has this attribute; give it again for more, which must all hold.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string?> _lookback = new("--lookback") { Description = "How far before the start evidence reaches. Default: what the site's profile says.", HelpName = "DURATION" };
    private readonly Option<string[]> _capture = new("--capture")
    {
        Description = "When a bundle is captured: open, close, none, or every DURATION; give it again for more of them. Default: close.",
        HelpName = "WHEN",
    };

    private readonly Option<string?> _retain = new("--retain") { Description = "How long what it keeps must not be deleted. Default: 30d.", HelpName = "DURATION" };
    private readonly Option<bool> _legalHold = new("--legal-hold") { Description = "Nothing of it is ever deleted, until somebody releases the hold." };
    private readonly Option<string?> _replace = new("--replace") { Description = "An open incident that ends, superseded, as this one begins.", HelpName = "ID" };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "The same key opens the same incident: for scripts that try again.", HelpName = "KEY" };
    private readonly Option<string?> _cooldown = new("--cooldown") { Description = "How long sampling stays raised after the end. Default: what the site's profile says.", HelpName = "DURATION" };

    public IncidentStartCommand(CliHost host)
        : base(host, "start", "Opens an incident: within a second gateways keep every trace in its scope.")
    {
        foreach (var option in (Option[])[_tenant, _services, _match, _reason, _severity, _rate, _ttl, _cooldown, _lookback, _capture, _retain, _legalHold, _replace, _key])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry incident start --tenant acme --reason \"checkout fails\"",
        "stella telemetry incident start --tenant acme --service checkout --service payment --reason \"5xx\" --ttl 30m --cooldown 2m",
        "stella telemetry incident start --tenant acme --match http.route=/pay --reason \"payments hang\" --capture open --capture 10m --capture close",
        "stella telemetry incident start --tenant acme --reason \"wider than we thought\" --replace inc-0192 --legal-hold",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var tenant = arguments.GetRequiredValue(_tenant);
        var rate = arguments.GetValue(_rate);
        if (rate is not (null or (> 0 and <= 1)))
        {
            throw CliException.Usage($"--sampling-rate: {rate} is not above 0 and at most 1");
        }

        var request = new StartIncidentRequest(
            tenant,
            arguments.GetValue(_services) is { Length: > 0 } services ? services : null,
            arguments.GetRequiredValue(_reason),
            arguments.GetValue(_severity),
            rate,
            (int)Duration.Parse(arguments.GetRequiredValue(_ttl), "--ttl").TotalSeconds,
            arguments.GetValue(_cooldown) is { } cooldown ? Duration.ParseOrZero(cooldown, "--cooldown") : null,
            MatchOf(arguments.GetValue(_match) ?? []),
            arguments.GetValue(_lookback) is { } lookback ? Duration.ParseOrZero(lookback, "--lookback") : null,
            CapturesOf(arguments.GetValue(_capture) ?? []),
            arguments.GetValue(_retain) is { } retain ? context.Host.Time.GetUtcNow() + Duration.Parse(retain, "--retain") : null,
            arguments.GetValue(_legalHold),
            arguments.GetValue(_replace));
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite, tenant.Value);
        var incident = await new IncidentClient(http).StartAsync(request, arguments.GetValue(_key) ?? Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        return CliExitCodes.Done;
    }

    private static Dictionary<string, string>? MatchOf(string[] texts)
    {
        var match = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at) || !match.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw CliException.Usage($"--match: '{text}' is not KEY=VALUE with a key of its own", "write it as --match http.route=/pay");
            }
        }

        return match.Count == 0 ? null : match;
    }

    private static IncidentCaptures? CapturesOf(string[] texts)
    {
        if (texts.Length == 0)
        {
            return null;
        }

        var captures = new IncidentCaptures(OnClose: false);
        foreach (var text in texts)
        {
            captures = text switch
            {
                "open" => captures with { OnOpen = true },
                "close" => captures with { OnClose = true },
                "none" => captures,
                _ when Duration.TryParse(text, out var every) && every > TimeSpan.Zero => captures with { EverySeconds = (int)every.TotalSeconds },
                _ => throw CliException.Usage($"--capture: '{text}' is not open, close, none or a duration", "write it as --capture open --capture 10m"),
            };
        }

        return captures;
    }
}
