using StellaOps.Telemetry.Cli.Commands.Profiles;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>What a kit's files come to: which profiles, which schema.</summary>
internal static class StagedFacts
{
    /// <summary>The profiles of <c>profiles/</c>, with the hash that a gateway reports when it runs them.</summary>
    public static IReadOnlyList<KitProfile> Profiles(string tree)
    {
        var folder = Path.Combine(tree, "profiles");
        var profiles = new List<KitProfile>();
        foreach (var file in Files(folder, "*.yaml"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var resolution = ProfileResolver.Resolve(new FolderDocuments(folder), name, overlay: null);
            profiles.Add(resolution.IsValid
                ? new KitProfile(name, ProfileHash.Compute(resolution.Profile, resolution.RedactionPolicyText))
                : throw new CliException(CliExitCodes.Failed, $"'{file}' is no profile: {resolution.Faults[0]}", "mend it: a kit carries what can be run"));
        }

        return profiles;
    }

    /// <summary>The scripts of <c>migrations/&lt;service&gt;/</c>.</summary>
    public static IReadOnlyList<KitMigrations> Migrations(string tree)
    {
        var folder = Path.Combine(tree, "migrations");
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
                .Select(d => (Service: Path.GetFileName(d), Scripts: Files(d, "*.sql").Select(f => Path.GetFileName(f)!).ToList())).Where(s => s.Scripts.Count > 0)
                .Select(s => new KitMigrations(s.Service, s.Scripts.Count, s.Scripts[^1])),
        ];
    }

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];
}
