using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A profile document on disk, and the folder of what it rests on.</summary>
/// <param name="IsNamed">It was asked for by name, so its file has to be called as the profile is.</param>
internal sealed record FoundProfile(string File, bool IsNamed)
{
    private string Folder => Path.GetDirectoryName(File)!;

    /// <summary>The name that the file gives it.</summary>
    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary>Environments that have an overlay for the profile of that name.</summary>
    public IReadOnlyList<string> OverlaysOf(string name)
    {
        var overlays = Path.Combine(Folder, "overlays");
        return !Directory.Exists(overlays)
            ? []
            : [.. Directory.EnumerateDirectories(overlays).Where(d => System.IO.File.Exists(Path.Combine(d, name + ".yaml"))).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads and judges all of it, the documents by the paths that are signed.</summary>
    public ProfileResolution ResolveToSign(string? overlay) => ProfileResolver.Resolve(new FolderDocuments(Folder), Name, overlay);

    /// <summary>Reads and judges all of it; faults and documents are named by paths that the user can open.</summary>
    public ProfileResolution Resolve(CliHost host, string? overlay)
    {
        var documents = new FolderDocuments(Folder);
        var resolution = IsNamed
            ? ProfileResolver.Resolve(documents, Name, overlay)
            : ProfileResolver.Resolve(documents, new ProfileDocument(File, documents.Read(Path.GetFileName(File)) ?? ""), overlay);
        return resolution with
        {
            Documents = [.. resolution.Documents.Select(d => d with { Path = Shown(host, d.Path) })],
            Faults = [.. resolution.Faults.Select(f => f with { File = Shown(host, f.File) })],
        };
    }

    /// <summary>Relative to the working directory where it lies below, as compilers have it.</summary>
    public string Shown(CliHost host) => Shown(host, File);

    private string Shown(CliHost host, string path)
    {
        var full = Path.Combine(Folder, path);
        var relative = Path.GetRelativePath(host.WorkingDirectory, full);
        return relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }
}
