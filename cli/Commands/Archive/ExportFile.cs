namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>A file that appears whole or not at all, and replaces another one only where that is wished.</summary>
internal sealed class ExportFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _partial;

    private ExportFile(string path)
    {
        _path = path;
        _partial = path + ".partial";
        Stream = new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
    }

    public FileStream Stream { get; }

    public static ExportFile Create(string path, bool force)
    {
        if (Directory.Exists(path) || (File.Exists(path) && !force))
        {
            throw CliException.Usage($"--out: '{path}' is there already", "name another file, or replace it with --force");
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return new ExportFile(path);
    }

    /// <summary>Puts it in its place.</summary>
    public async Task CompleteAsync()
    {
        Stream.Flush(flushToDisk: true);
        await Stream.DisposeAsync();
        File.Move(_partial, _path, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        File.Delete(_partial);
    }
}
