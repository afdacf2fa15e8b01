using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>Profile documents of a folder on disk.</summary>
internal sealed class FolderDocuments(string folder) : IProfileDocuments
{
    public string? Read(string path)
    {
        var file = Path.Combine(folder, path);
        if (!File.Exists(file))
        {
            return null;
        }

        using var text = File.OpenText(file);
        return ProfileLoader.ReadBounded(text);
    }
}
