using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileApproveCommand : StellaCommand
{
    private readonly Argument<string?> _profile = new("profile") { Description = "A profile of the profile service. Without it: --closure.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<long?> _version = new("--version") { Description = "The version. Default: the latest.", HelpName = "N" };
    private readonly Option<string?> _closure = new("--closure") { Description = "The version's closure.json, to sign without a service and a network.", HelpName = "FILE" };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _out = new("--out", "-o") { Description = "With --closure: where the approval goes.", HelpName = "FILE" };
    private readonly Option<string?> _comment = new("--comment") { Description = "What the approver has to say.", HelpName = "TEXT" };

    private readonly Option<string?> _breakGlass = new("--break-glass")
    {
        Description = "With --closure: do not approve, but waive missing approvals and the floor, for deployments within a day, for this reason. Every gateway reports it loudly.",
        HelpName = "REASON",
    };

    public ProfileApproveCommand(CliHost host)
        : base(host, "approve", "Signs that a version may be deployed. Whoever wrote it cannot.")
    {
        Arguments.Add(_profile);
        foreach (var option in (Option[])[_version, _closure, _key, _passwordFile, _out, _comment, _breakGlass])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile approve forensic --version 7 --key approver --comment \"read the diff to 6\"",
        "stella telemetry profile approve --closure forensic-7/closure.json --key approver -o approval.sigstore.json",
        "stella telemetry profile approve --closure forensic-7/closure.json --key break-glass --break-glass 'INC-4711: exporters are down' -o glass.sigstore.json",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        (context.Arguments.GetValue(_profile), context.Arguments.GetValue(_closure), context.Arguments.GetValue(_out)) switch
        {
            ({ } profile, null, null) => ApproveAsync(context, profile, cancellationToken),
            (null, { } closure, { } target) => SignAsync(context, closure, target, cancellationToken),
            _ => throw CliException.Usage("it is not said what is approved", "name a profile of the service, or a file with --closure and where the approval goes with --out"),
        };

    private async Task<int> ApproveAsync(CommandContext context, string profile, CancellationToken cancellationToken)
    {
        if (context.Arguments.GetValue(_breakGlass) is not null)
        {
            throw CliException.Usage("--break-glass serves one deployment", "give it to 'stella telemetry deploy', or sign it with --closure");
        }

        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        using var http = context.Connect(KnownServices.ProfileService, $"{KnownScopes.ProfilesRead} {KnownScopes.ProfilesApprove}");
        var client = new ProfileClient(http);
        var closure = await SignedClosure.FetchAsync(client, profile, context.Arguments.GetValue(_version), cancellationToken);
        var approval = Sign(new ProfileSigner(key), closure, null, context);
        var version = await client.ApproveAsync(profile, closure.Version, new ApproveProfileRequest(approval), Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(version, ContractsJson.Default.ProfileVersionResponse, v => VersionTables.Of(v));
        return CliExitCodes.Done;
    }

    private async Task<int> SignAsync(CommandContext context, string closureFile, string target, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(closureFile, context.Host.WorkingDirectory);
        if (!ProfileClosure.TryParse(await File.ReadAllBytesAsync(file, cancellationToken), out var closure, out var why))
        {
            throw new CliException(CliExitCodes.VerificationFailed, $"'{file}': {why}", "take the file that the author signed");
        }

        if (closure.Resolve() is { IsValid: false } resolution)
        {
            throw new CliException(CliExitCodes.VerificationFailed, $"'{file}' is not a good profile: {string.Join("; ", resolution.Faults)}", "ask its author for another version");
        }

        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        var reason = context.Arguments.GetValue(_breakGlass);
        var path = Path.GetFullPath(target, context.Host.WorkingDirectory);
        await File.WriteAllBytesAsync(path, Sign(new ProfileSigner(key), closure, reason, context), cancellationToken);

        var approved = new SignedApproval(closure.Profile, closure.Version, closure.Overlay, closure.Digest, key.KeyId, reason, path);
        context.Output.Print(approved, CliJson.Default.SignedApproval, a => OutputWriter.Properties(
            ("profile", a.Profile), ("version", $"{a.Version}"), ("overlay", a.Overlay), ("closure", a.Digest), ("key", a.KeyId), ("break-glass", a.BreakGlass), ("file", a.File)));
        return CliExitCodes.Done;
    }

    private byte[] Sign(ProfileSigner signer, ProfileClosure closure, string? reason, CommandContext context)
    {
        try
        {
            var now = context.Host.Time.GetUtcNow();
            return reason is null ? signer.Approve(closure, context.Arguments.GetValue(_comment), now) : signer.BreakTheGlass(closure, reason, now);
        }
        catch (ArgumentException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, e.Message, inner: e);
        }
    }
}

/// <summary>What <c>profile approve --closure</c> prints.</summary>
internal sealed record SignedApproval(string Profile, long Version, string? Overlay, string Digest, string KeyId, string? BreakGlass, string File);
