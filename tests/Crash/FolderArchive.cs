using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Crash;

/// <summary>A folder, which has no faults.</summary>
internal sealed class FolderArchive : IArchive
{
    private readonly string _path;

    public FolderArchive(string folder)
    {
        _path = Path.Combine(folder, "archive");
        Store = new FolderObjectStore(_path);
    }

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { [KnownEnvironment.ArchivePath] = _path };

    public IObjectStore Store { get; }

    public string Struck => "";

    public void Heal()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
