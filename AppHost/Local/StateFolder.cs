using System.Globalization;

namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>Everything the local engine keeps, under one folder that one engine at a time holds.</summary>
internal sealed class StateFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private StateFolder(string path, FileStream held)
    {
        Root = path;
        _lock = held;
        foreach (var folder in (string[])[Keys, Logs, Sub("gateway"), Sub("archive"), Sub("bundles"), Sub("redis")])
        {
            Directory.CreateDirectory(folder, Private);
        }
    }

    public string Root { get; }

    public string Keys => Sub("keys");

    public string Logs => Sub("logs");

    /// <summary>Exists exactly while everything runs and was healthy once: the sign that the stack is ready.</summary>
    public string EndpointsFile => Sub("endpoints.json");

    /// <summary>The processes of the engine that holds, or last held, this folder.</summary>
    public string ProcessesFile => Sub("processes.json");

    public string Sub(string name) => Path.Combine(Root, name);

    /// <summary>Takes the folder, making it when it is not there.</summary>
    /// <exception cref="LocalEngineException">Another engine holds it.</exception>
    public static StateFolder Take(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(path, Private);

        // Started by root, PostgreSQL runs as another account, which has to pass through (but not list) this folder to its own one.
        // Every other folder in it stays closed to that account.
        File.SetUnixFileMode(path, Environment.IsPrivilegedProcess ? Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Private);
        var file = Path.Combine(path, "lock");
        try
        {
            // FileShare.None is an advisory lock of the kernel: it ends with this process, however that ends.
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return new StateFolder(path, held);
        }
        catch (IOException)
        {
            throw new LocalEngineException($"{path} is in use by another AppHost: stop that one, or give this one a folder of its own with --state DIR");
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Writes a file so that a reader sees the old one or the new one, never a part.</summary>
    public static void WriteAtomically(string path, ReadOnlySpan<byte> content)
    {
        var next = path + ".next";
        using (var file = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(content);
        }

        File.Move(next, path, overwrite: true);
    }
}
