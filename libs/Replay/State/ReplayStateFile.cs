using System.Text.Json;

namespace StellaOps.Telemetry.Replay.State;

/// <summary>
/// Where a replay's state is kept: there whole or not at all, and by one process at a time. It survives the death of the process; a machine
/// that dies may take the last moment of it, and a gateway knows the batches that are then sent again.
/// </summary>
public sealed class ReplayStateFile : IDisposable
{
    private const int MaxBytes = 64 * 1024;

    private readonly string _path;
    private readonly FileStream _lock;

    private ReplayStateFile(string path, FileStream file) => (_path, _lock) = (path, file);

    /// <summary>Takes the state for this process.</summary>
    /// <exception cref="ReplayException">Another process has it, or the folder cannot be written.</exception>
    public static ReplayStateFile Open(string path)
    {
        try
        {
            // Left behind and empty: deleting it would let two processes hold two files of one name.
            return new ReplayStateFile(path, new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path + ".lock"))
        {
            throw new ReplayException(ReplayFault.StateBusy, $"another replay has the state file '{path}'", "wait for it, or name another with --state-file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReplayException(ReplayFault.StateUnusable, $"the state file '{path}' cannot be written: {e.Message}", "name one in a folder that can be written, with --state-file", e);
        }
    }

    /// <summary>What was written last; null when nothing was.</summary>
    /// <exception cref="ReplayException">It is no state.</exception>
    public ReplayState? Read()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return null;
            }

            return new FileInfo(_path).Length <= MaxBytes
                && JsonSerializer.Deserialize(File.ReadAllBytes(_path), ReplayStateJson.Default.ReplayState) is { Schema: ReplayState.SchemaId } state
                ? state
                : throw new ReplayException(ReplayFault.StateUnusable, $"'{_path}' is no state of a replay", "name another file with --state-file");
        }
        catch (JsonException e)
        {
            throw new ReplayException(ReplayFault.StateUnusable, $"'{_path}' is no state of a replay: {e.Message}", "--restart begins anew over it; or name another file with --state-file", e);
        }
    }

    /// <summary>Replaces it.</summary>
    public void Write(ReplayState state)
    {
        var temporary = _path + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(state, ReplayStateJson.Default.ReplayState));
        File.Move(temporary, _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
