using System.Text;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>A process's log on disk: one file and the one before it, each at most <see cref="MaxBytes"/>.</summary>
internal sealed class LogFile(string path) : IDisposable
{
    private const long MaxBytes = 16L << 20;

    // Guards the file: a process's output and its errors arrive on two threads.
    private readonly Lock _lock = new();
    private FileStream? _file;

    public void Write(string line)
    {
        lock (_lock)
        {
            _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            if (_file.Length > MaxBytes)
            {
                _file.Dispose();
                _file = null;
                File.Move(path, path + ".1", overwrite: true);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }
}
