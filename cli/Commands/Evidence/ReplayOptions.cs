using System.CommandLine;
using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Replay;
using StellaOps.Telemetry.Replay.Sending;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>The options of <c>replay</c>, and the plan that they make.</summary>
internal sealed class ReplayOptions
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The bundle's archive (NAME.tar.zst), or its path without suffix." };
    private readonly Option<string> _to = new("--to") { Description = "OTLP endpoint, such as http://127.0.0.1:4318.", Required = true, HelpName = "ENDPOINT" };
    private readonly Option<string> _protocol = new("--protocol") { Description = "How OTLP is spoken: http (protobuf) or grpc.", DefaultValueFactory = _ => "http", HelpName = "http|grpc" };
    private readonly Option<string> _compression = new("--compression") { Description = "How requests are compressed: none, gzip or zstd.", DefaultValueFactory = _ => "none", HelpName = "none|gzip|zstd" };
    private readonly Option<double?> _rate = new("--rate") { Description = "Records per second. Default: as fast as they are taken.", HelpName = "R" };
    private readonly Option<string?> _speed = new("--speed") { Description = "As the records came, by event time and across signals: 1x, or 10x for ten times as fast.", HelpName = "Nx" };
    private readonly Option<string?> _shift = new("--shift") { Description = "Shifts all times: 'now' (the last event is now), +2h, -1d. The records are then not the bundle's bytes.", HelpName = "TIME" };
    private readonly Option<TenantId?> _tenant = CommandOptions.OptionalTenant("The tenant to replay into, a replay target (stella telemetry tenant add NAME --replay-target). Default: the token's.");
    private readonly Option<bool> _foreign = new("--foreign") { Description = "The endpoint may be no gateway of StellaOps: each record then carries the attribute stella.replay.id." };
    private readonly Option<bool> _unmarked = new("--unmarked") { Description = "With --foreign: the records carry no attribute, and nothing tells them from live ones." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read, verify and count, but send nothing." };
    private readonly Option<string[]> _gateways = new("--gateway-url") { Description = "The gateway's own API: it must count what was sent. Needs the tenant. Give it again where a load balancer has more gateways behind it.", HelpName = "URL" };
    private readonly Option<string?> _stateFile = new("--state-file") { Description = "Where is kept how far the replay is, for a run that goes on. Default: NAME.replay.json beside the bundle.", HelpName = "FILE" };
    private readonly Option<bool> _restart = new("--restart") { Description = "Begin anew, as another replay, whatever the state file says." };

    /// <summary>How the endpoint is reached.</summary>
    public ReplayConnectionOptions Connection { get; } = new();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_bundle);
        foreach (var option in (Option[])
            [_to, _protocol, _tenant, _rate, _speed, _shift, _gateways, _stateFile, _restart, _dryRun, _compression, _foreign, _unmarked, .. Connection.All])
        {
            command.Options.Add(option);
        }
    }

    public ReplayPlan Read(CommandContext context)
    {
        var arguments = context.Arguments;
        var tenant = TenantOf(context);
        var gateways = (arguments.GetValue(_gateways) ?? []).Select(u => ParseUrl(u, "--gateway-url")).ToList();
        if (gateways.Count > 0 && tenant is null)
        {
            throw CliException.Usage("--gateway-url: whose records are counted is not said", "add --tenant");
        }

        if (arguments.GetValue(_unmarked) && !arguments.GetValue(_foreign))
        {
            throw CliException.Usage("--unmarked is for --foreign endpoints: a gateway of ours takes the mark beside the records", "leave it out, or add --foreign");
        }

        return new ReplayPlan(
            Path.GetFullPath(arguments.GetRequiredValue(_bundle), context.Host.WorkingDirectory),
            ParseUrl(arguments.GetRequiredValue(_to), "--to"),
            OneOf(arguments.GetRequiredValue(_protocol), "--protocol", "http", "grpc"),
            Enum.Parse<ReplayCompression>(OneOf(arguments.GetRequiredValue(_compression), "--compression", "none", "gzip", "zstd"), ignoreCase: true),
            ReadPace(arguments),
            tenant,
            ReadShift(arguments),
            arguments.GetValue(_foreign),
            arguments.GetValue(_unmarked),
            gateways,
            arguments.GetValue(_stateFile) is { } file ? Path.GetFullPath(file, context.Host.WorkingDirectory) : null,
            arguments.GetValue(_restart),
            arguments.GetValue(_dryRun));
    }

    private ReplayPace ReadPace(ParseResult arguments)
    {
        var rate = arguments.GetValue(_rate);
        if (rate is <= 0 or double.NaN or double.PositiveInfinity)
        {
            throw CliException.Usage("--rate: take more than 0 records per second");
        }

        if (arguments.GetValue(_speed) is not { } text)
        {
            return new ReplayPace(rate);
        }

        if (rate is not null)
        {
            throw CliException.Usage("--rate and --speed are two paces", "take one of them");
        }

        return double.TryParse(text.TrimEnd('x', 'X'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var speed) && speed is > 0 and <= 1_000_000
            ? new ReplayPace(Speed: speed)
            : throw CliException.Usage($"--speed: '{text}' is not a speed", "write it as 1x, 10x or 0.5x");
    }

    private string? ReadShift(ParseResult arguments) => arguments.GetValue(_shift) switch
    {
        null => null,
        "now" => "now",
        ['+' or '-', .. var duration] text when Duration.TryParse(duration, out var by) && by > TimeSpan.Zero => text,
        var text => throw CliException.Usage($"--shift: '{text}' is not a shift", "write 'now', or a signed duration: +2h, -30m"),
    };

    /// <summary>A replay that goes on must not go on into another tenant because the token is another: the token says which it is.</summary>
    private TenantId? TenantOf(CommandContext context)
    {
        var named = context.Arguments.GetValue(_tenant);
        var handler = new JsonWebTokenHandler();
        if (context.Tokens.FindGiven() is not { } token || !handler.CanReadToken(token)
            || !handler.ReadJsonWebToken(token).TryGetPayloadValue<string>("tenant", out var claimed) || !TenantId.TryParse(claimed, out var own))
        {
            return named;
        }

        return named is null || named == own ? own : throw CliException.Usage($"--tenant names '{named}', and the token is of '{own}'", "leave --tenant out, or take a token of that tenant");
    }

    private static string OneOf(string text, string option, params string[] names) =>
        names.Contains(text) ? text : throw CliException.Usage($"{option}: '{text}' is none of {string.Join(", ", names)}");

    private static Uri ParseUrl(string text, string option) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CliException.Usage($"{option}: '{text}' is not an http or https URL", "write it as http://host:port");
}
