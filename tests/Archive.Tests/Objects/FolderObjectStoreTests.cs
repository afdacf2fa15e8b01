using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Tests.TestServices;

namespace StellaOps.Telemetry.Archive.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FolderObjectStoreTests()
    {
        Store = new FolderObjectStore(_folder.Path);
    }

    protected override IObjectStore Store { get; }

    [Fact]
    public async Task List_LeftoversOfACrash_AreNoObjects()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, ".tmp", "half-written"), [1]);

        await foreach (var found in Store.ListAsync("", default))
        {
            Assert.Fail($"listed {found.Key}");
        }
    }

    [Fact]
    public void Open_LeftoversOfACrash_AreRemovedOnceNobodyCanBeWritingThem()
    {
        var old = Path.Combine(_folder.Path, ".tmp", "old");
        var recent = Path.Combine(_folder.Path, ".tmp", "recent");
        File.WriteAllBytes(old, [1]);
        File.WriteAllBytes(recent, [1]);
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(recent) - TimeSpan.FromHours(25));

        _ = new FolderObjectStore(_folder.Path);

        Assert.Equal([recent], Directory.GetFiles(Path.Combine(_folder.Path, ".tmp")));
    }

    [Fact]
    public async Task Anything_ThatTheSystemRefuses_IsAnIOException()
    {
        // Also to root, whom no permission stops: a folder is no file.
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a", "object"));

        await Assert.ThrowsAsync<IOException>(() => Store.DeleteAsync("a/object", default));
        await Assert.ThrowsAsync<IOException>(() => Store.OpenReadAsync("a/object", default));
        await Assert.ThrowsAnyAsync<IOException>(() => Store.PutAsync("a/object", new MemoryStream([1]), default));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, ".tmp")));
    }

    public void Dispose() => _folder.Dispose();
}
