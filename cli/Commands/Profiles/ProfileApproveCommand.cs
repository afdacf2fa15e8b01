using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileApproveCommand : StellaCommand
{
    private readonly Option<string> _closure = new("--closure") { Description = "The version's closure.json.", HelpName = "FILE", Required = true };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string> _out = new("--out", "-o") { Description = "Where the approval goes.", HelpName = "FILE", Required = true };
    private readonly Option<string?> _comment = new("--comment") { Description = "What the approver has to say.", HelpName = "TEXT" };

    private readonly Option<string?> _breakGlass = new("--break-glass")
    {
        Description = "Do not approve: waive missing approvals and the floor, for deployments within a day, for this reason. Every gateway reports it loudly.",
        HelpName = "REASON",
    };

    public ProfileApproveCommand(CliHost host)
        : base(host, "approve", "Signs that a version may be deployed. Needs no service and no network.")
    {
        foreach (var option in (Option[])[_closure, _key, _passwordFile, _out, _comment, _breakGlass])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile approve --closure forensic-7/closure.json --key approver -o approval.sigstore.json",
        "stella telemetry profile approve --closure forensic-7/closure.json --key break-glass --break-glass 'INC-4711: exporters are down' -o glass.sigstore.json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(context.Arguments.GetRequiredValue(_closure), context.Host.WorkingDirectory);
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
        var target = Path.GetFullPath(context.Arguments.GetRequiredValue(_out), context.Host.WorkingDirectory);
        await File.WriteAllBytesAsync(target, Sign(new ProfileSigner(key), closure, reason, context), cancellationToken);

        var approved = new SignedApproval(closure.Profile, closure.Version, closure.Overlay, closure.Digest, key.KeyId, reason, target);
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

/// <summary>What <c>profile approve</c> prints.</summary>
internal sealed record SignedApproval(string Profile, long Version, string? Overlay, string Digest, string KeyId, string? BreakGlass, string File);
