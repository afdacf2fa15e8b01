using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A version that the profile service keeps, resolved here from the signed closure as a gateway resolves it.</summary>
internal static class KeptVersion
{
    /// <param name="version">Null: the latest.</param>
    /// <param name="trust">Whose signature has to be under it; null: the service has judged that.</param>
    /// <exception cref="CliException">There is none, or what the service gave is not what its author signed.</exception>
    public static async Task<ProfileResolution> ResolveAsync(ProfileClient client, string profile, long? version, TrustStore? trust, CancellationToken cancellationToken)
    {
        try
        {
            var closure = await SignedClosure.FetchAsync(client, profile, version, cancellationToken);
            return trust is null ? await ResolveAsync(client, closure, cancellationToken) : await JudgeAsync(client, closure, trust, cancellationToken);
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            throw new CliException(CliExitCodes.Failed, e.Detail ?? e.Message, $"see which there are: stella telemetry profile history {profile}", e);
        }
    }

    private static async Task<ProfileResolution> ResolveAsync(ProfileClient client, ProfileClosure closure, CancellationToken cancellationToken)
    {
        var kept = await client.GetVersionAsync(closure.Profile, closure.Version, cancellationToken);
        var resolution = closure.Resolve();
        return !resolution.IsValid || ProfileHash.Compute(resolution.Profile, resolution.RedactionPolicyText) == kept.Hash
            ? resolution
            : throw new CliException(
                CliExitCodes.VerificationFailed,
                $"version {closure.Version} of '{closure.Profile}' does not come here to the hash {kept.Hash} that {kept.Author} signed",
                "use the stella of the service's version; if that does not help, what the service gave was changed on its way");
    }

    private static async Task<ProfileResolution> JudgeAsync(ProfileClient client, ProfileClosure closure, TrustStore trust, CancellationToken cancellationToken)
    {
        using var author = new MemoryStream();
        await client.DownloadAuthorAsync(closure.Profile, closure.Version, author, cancellationToken);
        return new VersionJudge(trust, trust.Profiles).TryJudge(closure.ToBytes(), author.ToArray(), out var judged, out var refused)
            ? judged.Resolution
            : throw new CliException(
                CliExitCodes.VerificationFailed,
                $"version {closure.Version} of '{closure.Profile}' is not taken: {refused.Text}",
                "ask who wrote it, and whether the trust file knows the key");
    }
}
