namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>A folder of one test's own, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("stella-archive-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
