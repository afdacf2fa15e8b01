namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>A bundle as it was handed out: the files of one folder.</summary>
/// <param name="Archives">Paths of the archive parts, in part order.</param>
/// <param name="Records">Records by signal name.</param>
public sealed record CapturedBundle(string Folder, string Name, IReadOnlyList<string> Archives, string ArchiveHash, IReadOnlyDictionary<string, long> Records, IReadOnlyList<string> Gaps)
{
    /// <summary>The provenance.</summary>
    public string Provenance => Path.Combine(Folder, Name + ".provenance.json");

    /// <summary>The attestation (Sigstore bundle).</summary>
    public string Attestation => Path.Combine(Folder, Name + ".sigstore.json");

    /// <summary>The same bundle in another folder.</summary>
    public CapturedBundle In(string folder) =>
        this with { Folder = folder, Archives = [.. Archives.Select(a => Path.Combine(folder, Path.GetFileName(a)))] };

    /// <summary>Copies all files, and changes one byte in the middle of one of them (default: the first archive part).</summary>
    public void CopyWithOneByteChanged(string folder, string? file = null)
    {
        foreach (var path in Directory.EnumerateFiles(Folder))
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }

        var changed = Path.Combine(folder, Path.GetFileName(file ?? Archives[0]));
        var bytes = File.ReadAllBytes(changed);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(changed, bytes);
    }
}
