using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>An archive that lies in a folder, read without a service: who may read the files may read what is in them.</summary>
internal static class ArchiveFolder
{
    public static IObjectStore Open(string path, string workingDirectory)
    {
        var folder = Path.GetFullPath(path, workingDirectory);
        return Directory.Exists(Path.Combine(folder, ArchiveLayout.Root))
            ? FolderObjectStore.OpenForReading(folder)
            : throw CliException.Usage($"--path: '{folder}' has no folder '{ArchiveLayout.Root.TrimEnd('/')}'", "name the archive's root, such as .stella/archive");
    }
}
