using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileSignCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "A name, or a file." };
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<long> _version = new("--version") { Description = "This version's number: one more than the profile's last.", HelpName = "N", Required = true };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Lay the overlay of this environment over it.");
    private readonly Option<string?> _folder = new("--out", "-o") { Description = "Where the files go. Default: PROFILE-VERSION here.", HelpName = "FOLDER" };

    public ProfileSignCommand(CliHost host)
        : base(host, "sign", "Signs a version of a profile with all that it rests on, as its author. Needs no service and no network.")
    {
        Arguments.Add(_profile);
        foreach (var option in (Option[])[_key, _passwordFile, _version, _overlay, _folder])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile sign forensic --version 1 --key author",
        "stella telemetry profile sign ./mine.yaml --version 8 --overlay prod --key ada.key -o mine-8",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var found = ProfileFolder.Find(context.Host, context.Arguments.GetRequiredValue(_profile));
        var overlay = context.Arguments.GetValue(_overlay);
        var resolution = ValidProfile.Require(context, found.ResolveToSign(overlay), found.Shown(context.Host));
        var closure = ClosureOf(found.Name, context.Arguments.GetValue(_version), overlay, resolution);
        var hash = ProfileHash.Compute(resolution.Profile!, resolution.RedactionPolicyText);
        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        var folder = Path.GetFullPath(context.Arguments.GetValue(_folder) ?? $"{closure.Profile}-{closure.Version}", context.Host.WorkingDirectory);
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, DeploymentPackage.ClosureFile), closure.ToBytes(), cancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, DeploymentPackage.AuthorFile), new ProfileSigner(key).SignVersion(closure, hash, context.Host.Time.GetUtcNow()), cancellationToken);

        var signed = new SignedVersion(closure.Profile, closure.Version, overlay, closure.Digest, hash, key.KeyId, folder, [.. closure.Documents.Select(d => d.Path)]);
        context.Output.Print(signed, CliJson.Default.SignedVersion, s => OutputWriter.Properties(
            ("profile", s.Profile), ("version", $"{s.Version}"), ("overlay", s.Overlay), ("closure", s.Digest), ("profile hash", s.Hash), ("key", s.KeyId),
            ("documents", string.Join(", ", s.Documents)), ("files", s.Folder)));
        return CliExitCodes.Done;
    }

    private static ProfileClosure ClosureOf(string name, long version, string? overlay, ProfileResolution resolution)
    {
        try
        {
            return new ProfileClosure(name, version, overlay, resolution.Documents);
        }
        catch (ArgumentException e)
        {
            throw new CliException(CliExitCodes.WrongUsage, e.Message, "give --version a number from 1, and keep the documents within these bounds", e);
        }
    }
}

/// <summary>What <c>profile sign</c> prints.</summary>
internal sealed record SignedVersion(string Profile, long Version, string? Overlay, string Digest, string Hash, string KeyId, string Folder, IReadOnlyList<string> Documents);
