using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>A folder of profile documents on disk. It remembers what it was asked for, so that a change of any of it can be seen.</summary>
public sealed class ProfileFolder(string folder) : IProfileDocuments
{
    // Full paths, whether there is something or not.
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The folder.</summary>
    public string Path => folder;

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

    /// <summary>Changes when any document that was asked for does; cheap enough for every second.</summary>
    /// <exception cref="IOException">One cannot be read now.</exception>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _asked)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(File.Exists(file) ? SHA256.HashData(File.ReadAllBytes(file)) : "missing"u8.ToArray());
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
