namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>A temporary file whose name is taken away at once: whatever ends the process, nothing is left behind.</summary>
internal static class SpoolFile
{
    public static FileStream Open(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $".spool-{Guid.NewGuid():N}");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,

            // Whoever writes here writes in blocks.
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(path);
        return file;
    }
}
