using System.Collections;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Plan;

/// <summary>
/// An archive in a bucket: what the environment of AppHost says about it goes to whoever reads or writes the archive, instead of the folder.
/// </summary>
internal static class BucketSettings
{
    private const string OfFile = "File";

    /// <summary>The settings in the environment; none: the archive is the folder. Paths become absolute, since services run elsewhere.</summary>
    public static IReadOnlyDictionary<string, string> Of(IDictionary environment)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in environment)
        {
            if (variable is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith(KnownEnvironment.ArchiveS3, StringComparison.OrdinalIgnoreCase))
            {
                settings[name] = name.EndsWith(OfFile, StringComparison.OrdinalIgnoreCase) ? Path.GetFullPath(value) : value;
            }
        }

        return settings;
    }

    /// <summary>Puts them in the folder's place, where there is one.</summary>
    public static void Give(IReadOnlyDictionary<string, string> settings, IDictionary<string, string> environment)
    {
        if (settings.Count == 0 || !environment.Remove(KnownEnvironment.ArchivePath))
        {
            return;
        }

        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }
    }
}
