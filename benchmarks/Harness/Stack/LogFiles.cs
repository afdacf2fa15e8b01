namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>
/// Log files that were written once, so that a run measures the steady state, reuse, and not the first minutes of a new installation. The
/// gateway takes files without a header of its own for free ones.
/// </summary>
internal sealed class LogFiles(string pool)
{
    private const int ChunkBytes = 4 << 20;

    /// <summary>Moves so many files into a data folder, making those that are missing.</summary>
    public void Lend(string dataPath, long files, int fileBytes)
    {
        var log = Directory.CreateDirectory(Path.Combine(dataPath, "log"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        Directory.CreateDirectory(pool);
        var known = Directory.GetFiles(pool, "*.log");
        for (var i = 0; i < files; i++)
        {
            var path = Path.Combine(log, $"{i + 1:d6}.log");
            if (i < known.Length)
            {
                File.Move(known[i], path);
            }
            else
            {
                Fill(path, fileBytes);
            }
        }
    }

    /// <summary>Takes the files of a run back, without the headers that say whose they are.</summary>
    public void Return(string dataPath, int fileBytes)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(dataPath, "log"), "*.log").Where(f => new FileInfo(f).Length == fileBytes))
        {
            using (var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write))
            {
                RandomAccess.Write(handle, new byte[4096], 0);
            }

            File.Move(file, Path.Combine(pool, Guid.NewGuid().ToString("N") + ".log"));
        }
    }

    private static void Fill(string path, int fileBytes)
    {
        var zeros = new byte[ChunkBytes];
        using var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, fileBytes);
        for (var at = 0; at < fileBytes; at += ChunkBytes)
        {
            RandomAccess.Write(handle, zeros, at);
        }

        RandomAccess.FlushToDisk(handle);
    }
}
