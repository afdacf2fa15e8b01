using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Where a bundle's files are.</summary>
/// <param name="Parts">Paths of the archive's parts, in order.</param>
public sealed partial record BundleFiles(string Folder, string Name, IReadOnlyList<string> Parts)
{
    /// <summary>Path of the provenance.</summary>
    public string Provenance => Path.Combine(Folder, Name + BundleFormat.ProvenanceSuffix);

    /// <summary>Path of the attestation.</summary>
    public string Attestation => Path.Combine(Folder, Name + BundleFormat.AttestationSuffix);

    /// <summary>Other signers' attestations: the key that each claims, and its path; by key.</summary>
    public IReadOnlyList<(string KeyId, string Path)> OtherAttestations => [.. Beside().Select(f => (Form: OtherForm().Match(f), Suffix: f))
        .Where(f => f.Form.Success).Select(f => (f.Form.Groups[1].Value, Path.Combine(Folder, Name + f.Suffix)))];

    /// <summary>Names of files that look like the bundle's and belong to no part of it: signatures of parts that are not there.</summary>
    public IReadOnlyList<string> Strays => [.. Beside().Where(f => SignatureForm().IsMatch(f) && !Parts.Any(p => Path.GetFileName(p) + BundleFormat.SignatureSuffix == Name + f)).Select(f => Name + f)];

    /// <summary>Where a further signer's attestation goes.</summary>
    public string AttestationOf(string keyId) => Path.Combine(Folder, $"{Name}.{keyId}{BundleFormat.AttestationSuffix}");

    /// <summary>Finds a bundle by the path of its archive, of one of its parts, of a file beside it, or by its path without suffix.</summary>
    /// <exception cref="BundleInvalidException">There is no archive, or its parts are not a sequence.</exception>
    public static BundleFiles Locate(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var name = Suffix().Replace(Path.GetFileName(path), "");
        if (!IsName(name))
        {
            throw new BundleInvalidException(name, "this cannot name a bundle");
        }

        var whole = Path.Combine(folder, BundleFormat.PartFileName(name, 1, 1));
        var found = Directory.Exists(folder)
            ? Directory.GetFiles(folder, name + ".part????" + BundleFormat.ArchiveSuffix)
                .Where(f => char.IsAsciiDigit(f[^(BundleFormat.ArchiveSuffix.Length + 1)])).Order(StringComparer.Ordinal).ToList()
            : [];
        if (File.Exists(whole))
        {
            return found.Count == 0
                ? new BundleFiles(folder, name, [whole])
                : throw new BundleInvalidException(name, "there is both a whole archive and parts of one");
        }

        if (found.Count == 0)
        {
            throw new BundleInvalidException(name, $"there is no archive '{whole}' and no part of one");
        }

        for (var i = 0; i < found.Count; i++)
        {
            if (i >= BundleFormat.MaxParts || found[i] != Path.Combine(folder, BundleFormat.PartFileName(name, i + 1, int.MaxValue)))
            {
                throw new BundleInvalidException(name, $"the parts are not numbered from 0001 without holes: {Path.GetFileName(found[i])} is the {i + 1}. one");
            }
        }

        return new BundleFiles(folder, name, found);
    }

    /// <summary>Whether a bundle may have this name.</summary>
    public static bool IsName(string name) => NameForm().IsMatch(name) && !Suffix().IsMatch(name);

    /// <summary>What follows the name in the names of files beside it, in order.</summary>
    private IEnumerable<string> Beside() => Directory.EnumerateFiles(Folder, Name + ".*").Select(f => Path.GetFileName(f)[Name.Length..]).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,149}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^\.([0-9a-f]{64})\.sigstore\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex OtherForm();

    [GeneratedRegex(@"^(\.part[0-9]{4})?\.tar\.zst\.sig\z", RegexOptions.CultureInvariant)]
    private static partial Regex SignatureForm();

    [GeneratedRegex(@"(\.part[0-9]{4})?\.tar\.zst(\.sig)?\z|\.part[0-9]{4}\z|\.provenance\.json\z|(\.[0-9a-f]{64})?\.sigstore\.json\z|\.[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();
}

/// <summary>A bundle is not what it must be.</summary>
public sealed class BundleInvalidException(string where, string what, Exception? inner = null) : IOException($"{where}: {what}", inner);
