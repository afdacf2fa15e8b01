using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>A kit's files as they travel: the archive, its signature, its attestation, and what the attestation names beside them.</summary>
public sealed partial record KitDelivery(string Folder, string Name)
{
    /// <summary>Path of the archive.</summary>
    public string Archive => Path.Combine(Folder, ArchiveName);

    /// <summary>The archive's file name.</summary>
    public string ArchiveName => Name + KitFormat.ArchiveSuffix;

    /// <summary>Path of the archive's plain signature.</summary>
    public string Signature => Archive + KitFormat.SignatureSuffix;

    /// <summary>Path of the attestation.</summary>
    public string Attestation => Path.Combine(Folder, Name + KitFormat.AttestationSuffix);

    /// <summary>Finds a kit by the path of its archive, of a file named after it, by its path without suffix, or by the folder that holds it alone.</summary>
    /// <exception cref="KitInvalidException">There is no archive, or there are several.</exception>
    public static KitDelivery Locate(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full))
        {
            var archives = Directory.GetFiles(full, "*" + KitFormat.ArchiveSuffix);
            return archives.Length == 1
                ? Locate(archives[0])
                : throw new KitInvalidException(full, archives.Length == 0 ? $"there is no '*{KitFormat.ArchiveSuffix}' in the folder" : $"there are {archives.Length} archives in the folder: name one");
        }

        var delivery = new KitDelivery(Path.GetDirectoryName(full)!, Suffix().Replace(Path.GetFileName(full), ""));
        return IsName(delivery.Name)
            ? File.Exists(delivery.Archive) ? delivery : throw new KitInvalidException(delivery.Name, $"there is no archive '{delivery.Archive}'")
            : throw new KitInvalidException(delivery.Name, "this cannot name a kit");
    }

    /// <summary>Whether a kit may have this name.</summary>
    public static bool IsName(string name) => name.Length <= 150 && name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && KitFormat.IsPath(name) && !Suffix().IsMatch(name);

    /// <summary>Whether a file beside the archive may have this name.</summary>
    internal static bool IsCompanion(string name) => name.Length <= 150 && !name.Contains('/', StringComparison.Ordinal) && KitFormat.IsPath(name);

    [GeneratedRegex(@"(\.tar\.zst(\.sig)?|\.sigstore\.json)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();
}
