using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Commands.Profiles;
using StellaOps.Telemetry.Cli.Commands.Rollouts;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Deploy;

internal sealed class DeployCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "The profile's name." };
    private readonly Option<long?> _version = new("--version") { Description = "The version. Default: the latest.", HelpName = "N" };
    private readonly Option<string[]> _selector = new("--selector") { Description = "Only agents with this label; give it again for more, of which all must fit.", HelpName = "K=V" };
    private readonly Option<string> _canary = new("--canary") { Description = "How many agents come first.", DefaultValueFactory = _ => "1", HelpName = "N|P%" };
    private readonly Option<int?> _batches = new("--batches") { Description = "How many batches there are, with the canary. Default: each is twice the one before.", HelpName = "N" };
    private readonly Option<string> _soak = new("--soak") { Description = "How long each batch is watched before the next.", DefaultValueFactory = _ => "30s", HelpName = "DURATION" };
    private readonly Option<string> _within = new("--apply-within") { Description = "How long an agent may take to apply it, or be silent.", DefaultValueFactory = _ => "60s", HelpName = "DURATION" };
    private readonly GateOptions _gate = new();
    private readonly Option<long?> _floor = new("--floor") { Description = "Forbid older versions of this profile than this one from now on, going back included.", HelpName = "N" };
    private readonly Option<string?> _reason = RolloutOptions.Reason();
    private readonly Option<bool> _watch = new("--watch") { Description = "Follow it live. Ctrl-C leaves it running." };
    private readonly Option<string?> _glass = new("--break-glass") { Description = "Deploy without the approvals, or below the floor, for this reason. Needs --key; everybody hears of it.", HelpName = "REASON" };
    private readonly Option<string?> _key = new("--key") { Description = "With --break-glass: the private key that may break it, a file or the name of one in .stella/keys.", HelpName = "KEY" };
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();

    public DeployCommand(CliHost host)
        : base(host, "deploy", "Rolls a version out: a canary first, then growing batches, and back by itself when an agent refuses it or falls ill.")
    {
        Arguments.Add(_profile);
        foreach (var option in (Option[])[_version, _selector, _canary, _batches, _soak, _within, .. _gate.All, _floor, _reason, _watch, _glass, _key, _passwordFile])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry deploy forensic --watch",
        "stella telemetry deploy forensic --version 7 --selector site=berlin --canary 10% --soak 5m --watch",
        "stella telemetry deploy forensic --max-export-failures 0 --max-queue-age 30s",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, $"{KnownScopes.ProfilesRead} {KnownScopes.ProfilesDeploy}");
        var client = new ProfileClient(http);
        var request = await ReadAsync(context, client, cancellationToken);
        var rollout = await client.StartRolloutAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
        if (rollout.BreakGlass)
        {
            context.Output.Note($"BREAK GLASS: {rollout.Profile}@{rollout.Version} goes out against the rules; the audit trail and every gateway say so");
        }

        if (context.Arguments.GetValue(_watch))
        {
            return await new RolloutWatch(context, client).FollowAsync(rollout, cancellationToken);
        }

        context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        context.Output.Note($"follow it with: stella telemetry rollout watch {rollout.Id}");
        return CliExitCodes.Done;
    }

    private async Task<StartRolloutRequest> ReadAsync(CommandContext context, ProfileClient client, CancellationToken cancellationToken)
    {
        var arguments = context.Arguments;
        var profile = arguments.GetRequiredValue(_profile);
        var version = arguments.GetValue(_version);
        return new StartRolloutRequest(
            profile,
            version,
            SelectorOf(arguments.GetValue(_selector) ?? []),
            arguments.GetRequiredValue(_canary),
            arguments.GetValue(_batches),
            Duration.ParseOrZero(arguments.GetRequiredValue(_soak), "--soak"),
            (int)Duration.Parse(arguments.GetRequiredValue(_within), "--apply-within").TotalSeconds,
            arguments.GetValue(_floor),
            arguments.GetValue(_reason),
            await BreakGlassAsync(context, client, profile, version, cancellationToken),
            _gate.Read(arguments));
    }

    private async Task<byte[]?> BreakGlassAsync(CommandContext context, ProfileClient client, string profile, long? version, CancellationToken cancellationToken)
    {
        if (context.Arguments.GetValue(_glass) is not { } reason)
        {
            return null;
        }

        var file = context.Arguments.GetValue(_key) ?? throw CliException.Usage("--break-glass needs --key", "name the private key whose use is profile-break-glass in the trust file");
        using var key = KeyOptions.Load(context, file, context.Arguments.GetValue(_passwordFile));
        var closure = await SignedClosure.FetchAsync(client, profile, version, cancellationToken);
        return new ProfileSigner(key).BreakTheGlass(closure, reason, context.Host.Time.GetUtcNow());
    }

    private static Dictionary<string, string> SelectorOf(string[] labels)
    {
        var selector = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            var cut = label.IndexOf('=', StringComparison.Ordinal);
            if (cut < 1 || !selector.TryAdd(label[..cut], label[(cut + 1)..]))
            {
                throw CliException.Usage($"--selector: '{label}' is not LABEL=VALUE, or its label stands twice", "write it as site=berlin");
            }
        }

        return selector;
    }
}
