using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>A folder of profile documents on disk. It remembers what it was asked for, so that a change of any of it can be seen.</summary>
public sealed class ProfileFolder(string folder) : IProfileDocuments
{
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The folder.</summary>
    public string Path => folder;

    /// <summary>Full paths of all that was asked for, whether it is there or not, in ordinal order.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <inheritdoc/>
    public string? Read(string path)
    {
        var file = System.IO.Path.Combine(folder, path);
        _asked.Add(file);
        if (!File.Exists(file))
        {
            return null;
        }

        using var text = File.OpenText(file);
        return ProfileLoader.ReadBounded(text);
    }
}
