using System.CommandLine;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileApplyCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "A name, or a file." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Sign it with the overlay of this environment.");
    private readonly Option<string> _key = KeyOptions.Key();
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();

    public ProfileApplyCommand(CliHost host)
        : base(host, "apply", "Signs a profile with all that it rests on, and stores it as the next version. It is not deployed by that.")
    {
        Arguments.Add(_profile);
        Options.Add(_overlay);
        Options.Add(_key);
        Options.Add(_passwordFile);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile apply forensic --key author.key",
        "stella telemetry profile apply ./mine.yaml --overlay prod --key author.key",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var overlay = context.Arguments.GetValue(_overlay);
        var found = ProfileFolder.Find(context.Host, context.Arguments.GetRequiredValue(_profile));
        var resolution = ValidProfile.Require(context, found.ResolveToSign(overlay), found.Shown(context.Host));
        var name = resolution.Profile!.Name;
        using var key = KeyOptions.Load(context, context.Arguments.GetRequiredValue(_key), context.Arguments.GetValue(_passwordFile));
        using var http = context.Connect(KnownServices.ProfileService, $"{KnownScopes.ProfilesRead} {KnownScopes.ProfilesWrite}");
        var client = new ProfileClient(http);
        var latest = (await client.ListVersionsAsync(name, null, cancellationToken)).Items.FirstOrDefault();
        if (latest is not null && await IsSameAsync(client, latest, overlay, resolution, cancellationToken))
        {
            context.Output.Say($"nothing changed since {name}@{latest.Version}");
            context.Output.Print(latest, ContractsJson.Default.ProfileVersionResponse, v => VersionTables.Of(v));
            return CliExitCodes.Done;
        }

        var closure = new ProfileClosure(name, (latest?.Version ?? 0) + 1, overlay, resolution.Documents);
        var author = new ProfileSigner(key).SignVersion(closure, ProfileHash.Compute(resolution.Profile!, resolution.RedactionPolicyText), context.Host.Time.GetUtcNow());
        var version = await client.PublishAsync(name, new PublishProfileRequest(closure.ToBytes(), author), Guid.NewGuid().ToString("n"), cancellationToken);
        context.Output.Print(version, ContractsJson.Default.ProfileVersionResponse, v => VersionTables.Of(v));
        context.Output.Note(version.Approved
            ? $"next: stella telemetry deploy {name} --version {version.Version} --watch"
            : $"next: somebody other than {version.Author} runs stella telemetry profile approve {name} --version {version.Version} --key THEIRS");
        return CliExitCodes.Done;
    }

    private static async Task<bool> IsSameAsync(ProfileClient client, ProfileVersionResponse latest, string? overlay, ProfileResolution resolution, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await client.DownloadClosureAsync(latest.Profile, latest.Version, bytes, cancellationToken);
        return ProfileClosure.TryParse(bytes.ToArray(), out var closure, out _) && closure.Overlay == overlay && closure.Documents.SequenceEqual(resolution.Documents);
    }
}
