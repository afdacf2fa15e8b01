using System.Globalization;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>Versions that the profile service keeps: <c>forensic@7</c>, <c>forensic@latest</c>. A file of such a name is <c>./forensic@7</c>.</summary>
internal sealed partial class VersionProfileSource : IProfileSource
{
    private const string Latest = "latest";

    public async Task<ProfileResolution?> FindAsync(CommandContext context, string reference, ProfileReading reading, CancellationToken cancellationToken)
    {
        if (Reference().Match(reference) is not { Success: true } match)
        {
            return null;
        }

        var (profile, version) = (match.Groups["profile"].Value, match.Groups["version"].Value);
        var number = 0L;
        if (version != Latest && (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1))
        {
            throw CliException.Usage(
                $"'{reference}' is no version of '{profile}'", $"write {profile}@7 or {profile}@{Latest}, and ./{reference} where a file is meant");
        }

        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        return await KeptVersion.ResolveAsync(new ProfileClient(http), profile, version == Latest ? null : number, reading.Trust, cancellationToken);
    }

    /// <summary>What has a dot or a slash is a file.</summary>
    [GeneratedRegex(@"^(?<profile>[a-z][a-z0-9_-]*)@(?<version>[^./\\]*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
