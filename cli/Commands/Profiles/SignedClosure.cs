using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>The closure of a stored version, for somebody who is about to sign something about it.</summary>
internal static class SignedClosure
{
    /// <param name="version">Null: the latest.</param>
    /// <exception cref="CliException">There is none, or what the service gave is another one.</exception>
    public static async Task<ProfileClosure> FetchAsync(ProfileClient client, string profile, long? version, CancellationToken cancellationToken)
    {
        var number = version
            ?? (await client.ListVersionsAsync(profile, null, cancellationToken)).Items.FirstOrDefault()?.Version
            ?? throw new CliException(CliExitCodes.Failed, $"there is no version of '{profile}'", $"store one: stella telemetry profile apply {profile} --key FILE");
        using var bytes = new MemoryStream();
        await client.DownloadClosureAsync(profile, number, bytes, cancellationToken);

        // Whoever signs says what he signs: a service that gives out another version must not get a signature for it.
        return ProfileClosure.TryParse(bytes.ToArray(), out var closure, out var why) && closure.Profile == profile && closure.Version == number
            ? closure
            : throw new CliException(CliExitCodes.VerificationFailed, $"the service did not give version {number} of '{profile}': {(closure is null ? why : $"it gave {closure.Profile}@{closure.Version}")}");
    }
}
