using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using Spectre.Console;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

internal sealed class ReplayCommand : StellaCommand
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The bundle's archive (NAME.tar.zst), or its path without suffix." };
    private readonly Option<string> _to = new("--to") { Description = "OTLP/HTTP endpoint, such as http://127.0.0.1:4318.", Required = true, HelpName = "ENDPOINT" };
    private readonly Option<double?> _rate = new("--rate") { Description = "Records per second. Default: as fast as they are taken.", HelpName = "R" };
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("The tenant to replay into, when the token is minted here and for the ledger.");
    private readonly Option<string[]> _keys = EvidenceKeys.Option();
    private readonly Option<bool> _noVerify = new("--no-verify") { Description = "Replay what nobody vouches for." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read, verify and count, but send nothing." };
    private readonly Option<string?> _gateway = new("--gateway-url") { Description = "The gateway's own API: its ledger must count what was sent. Needs --tenant.", HelpName = "URL" };

    public ReplayCommand(CliHost host)
        : base(host, "replay", "Replays a bundle into an OTLP endpoint and proves the counts against its manifest.")
    {
        Arguments.Add(_bundle);
        foreach (var option in (Option[])[_to, _rate, _tenant, _keys, _noVerify, _dryRun, _gateway])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry replay evidence/acme-20260301T120000Z-20260301T123000Z --to http://127.0.0.1:4318 --tenant sealed",
        "stella telemetry replay BUNDLE --key evidence.pub --to http://127.0.0.1:4318 --rate 1000 --token-file token.txt",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var plan = ReadPlan(context);
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
        }

        using var http = new HttpClient(context.Host.CreateHandler()) { Timeout = TimeSpan.FromSeconds(60) };
        if (!plan.DryRun)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RequireToken(context, plan.Tenant));
        }

        var report = await new ReplayRun(context, plan, http).RunAsync(cancellationToken);
        context.Output.Print(report, CliJson.Default.ReplayReport, TableOf);
        foreach (var failure in report.Failures)
        {
            context.Output.Note("error: " + failure);
        }

        return report.Ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private ReplayPlan ReadPlan(CommandContext context)
    {
        var arguments = context.Arguments;
        if (arguments.GetValue(_rate) is <= 0)
        {
            throw CliException.Usage("--rate: take more than 0 records per second");
        }

        var tenant = arguments.GetValue(_tenant);
        var gateway = arguments.GetValue(_gateway) is { } url ? ParseUrl(url, "--gateway-url") : null;
        if (gateway is not null && tenant is null)
        {
            throw CliException.Usage("--gateway-url: whose ledger is asked for is not said", "add --tenant");
        }

        return new ReplayPlan(
            Path.GetFullPath(arguments.GetRequiredValue(_bundle), context.Host.WorkingDirectory),
            ParseUrl(arguments.GetRequiredValue(_to), "--to"),
            arguments.GetValue(_rate),
            tenant,
            gateway,
            arguments.GetValue(_dryRun));
    }

    private static string RequireToken(CommandContext context, TenantId? tenant)
    {
        // A sender's token is good for exactly one tenant, so one can be minted only for a named one.
        if (tenant is null && context.Tokens.FindGiven() is null)
        {
            throw CliException.Usage("neither a token nor a tenant to mint one for", "set STELLA_TOKEN, or pass --token-file or --tenant");
        }

        return context.Tokens.Require($"{KnownScopes.TelemetryWrite} {KnownScopes.ReplayWrite}", tenant?.Value ?? "*");
    }

    private static Uri ParseUrl(string text, string option) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CliException.Usage($"{option}: '{text}' is not an http or https URL", "write it as http://host:port");

    private static Table TableOf(ReplayReport report)
    {
        var table = OutputWriter.NewTable("SIGNAL", "MANIFEST", "SENT", "ACCEPTED", "REJECTED", "LEDGER", "");
        foreach (var c in report.Signals)
        {
            table.AddRow(c.Signal, Text(c.Manifest), Text(c.Sent), Text(c.Accepted), Text(c.Rejected), c.Ledger is { } l ? Text(l) : "-", c.Ok(report.DryRun) ? "[green]equal[/]" : "[red]DIFFERS[/]");
        }

        return table;

        static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
    }
}
