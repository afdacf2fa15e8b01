using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>The site's profile as files: the document, and beside it its parents, its overlay and its redaction policy; read again whenever any of them changed.</summary>
/// <param name="path">The profile's document; null or empty: there is none.</param>
/// <param name="overlay">The environment whose overlay lies over it; null or empty for none.</param>
public sealed class SiteProfileSource(string? path, string? overlay)
{
    // What the last look read. Another folder each time: a parent that is named no more is followed no more.
    private volatile ProfileFolder? _folder;

    /// <summary>Whether there is a document to read.</summary>
    public bool IsNamed => !string.IsNullOrEmpty(path);

    /// <summary>Reads and judges the profile; null with every fault in the list, or without one when no document is named.</summary>
    public Profile? Load(List<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (!IsNamed)
        {
            return null;
        }

        var full = Path.GetFullPath(path!);
        var documents = new ProfileFolder(Path.GetDirectoryName(full)!);
        _folder = documents;
        try
        {
            if (documents.Read(Path.GetFileName(full)) is { } text)
            {
                var resolution = ProfileResolver.Resolve(documents, new ProfileDocument(full, text), string.IsNullOrEmpty(overlay) ? null : overlay);
                faults.AddRange(resolution.Faults.Select(f => $"{KnownEnvironment.ProfilePath}: {f}"));
                return resolution.Profile;
            }

            faults.Add($"{KnownEnvironment.ProfilePath} '{path}' is no file: name a profile document such as profiles/default.yaml");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{KnownEnvironment.ProfilePath} '{path}' cannot be read: {e.Message}");
        }

        return null;
    }

    /// <summary>Where connections may go, as the profile says; null with every fault in the list. A site without a profile is not sealed.</summary>
    public EgressPolicy? LoadPolicy(List<string> faults) => IsNamed ? Load(faults)?.Sealed.ToPolicy() : EgressPolicy.Open;

    /// <summary>The same for who judged it just now. Sealed without an allowlist when it cannot be read any more: what was judged was another one.</summary>
    public EgressPolicy LoadPolicy() => LoadPolicy([]) ?? EgressPolicy.Sealed([]);

    /// <summary>Changes when any of the documents does; cheap enough for every second.</summary>
    /// <exception cref="IOException">One cannot be read now.</exception>
    public string Fingerprint() => _folder?.Fingerprint() ?? "unread";
}
