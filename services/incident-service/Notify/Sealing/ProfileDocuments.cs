using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>Profile documents of a folder on disk; remembers what it was asked for.</summary>
internal sealed class ProfileDocuments(string folder) : IProfileDocuments
{
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Full paths, whether they are there or not.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public string? Read(string path)
    {
        var file = Path.Combine(folder, path);
        _asked.Add(file);
        if (!File.Exists(file))
        {
            return null;
        }

        using var text = File.OpenText(file);
        return ProfileLoader.ReadBounded(text);
    }
}
