namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Where a bundle's files go. Its attestation names them, so they keep their names: a path only chooses the folder.</summary>
internal static class CaptureTarget
{
    private const string ArchiveSuffix = ".tar.zst";

    /// <param name="target">Value of <c>--out</c>, or null.</param>
    public static string FolderOf(string? target, string bundleName, string workingDirectory)
    {
        var path = Path.GetFullPath(target ?? bundleName, workingDirectory);
        if (!path.EndsWith(ArchiveSuffix, StringComparison.Ordinal))
        {
            return path;
        }

        return Path.GetFileName(path) == bundleName + ArchiveSuffix
            ? Path.GetDirectoryName(path)!
            : throw CliException.Usage(
                $"--out: the signed attestation names '{bundleName}{ArchiveSuffix}', so the archive cannot be called '{Path.GetFileName(path)}'",
                "name a folder instead");
    }
}
