using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>The profile as files: the document, and beside it its parents, its overlay and its redaction policy; read again whenever any may have changed.</summary>
/// <param name="path">The document. What it rests on stands in its folder, as docs/profiles.md lays it out.</param>
/// <param name="overlay">The environment whose overlay lies over it; null for none.</param>
internal sealed class ProfileSource(string path, string? overlay, ProfileActivation activation)
{
    // What the last look read. Another folder each time: a parent that is named no more is followed no more.
    private volatile ProfileFolder? _folder;

    /// <summary>Reads and judges all of it; null with every fault in the list.</summary>
    public LoadedProfile? Load(List<string> faults)
    {
        if (!File.Exists(path))
        {
            faults.Add($"{KnownEnvironment.ProfilePath} '{path}' is no file: name a profile document such as profiles/default.yaml");
            return null;
        }

        var full = Path.GetFullPath(path);
        var folder = new ProfileFolder(Path.GetDirectoryName(full)!);
        _folder = folder;
        var resolution = ProfileResolver.Resolve(folder, new ProfileDocument(full, folder.Read(Path.GetFileName(full)) ?? ""), overlay);
        faults.AddRange(resolution.Faults.Select(f => (f with { File = Path.Combine(folder.Path, f.File) }).ToString()));
        return resolution.IsValid ? activation.Activate(resolution.Profile, resolution.RedactionPolicyText, folder.Path, faults) : null;
    }

    /// <summary>Changes when any of the files does; cheap enough for every second.</summary>
    public string Fingerprint() => _folder?.Fingerprint() ?? "unread";
}
