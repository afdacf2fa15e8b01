using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Archive.Tests.Objects;

/// <summary>What every <see cref="IObjectStore"/> must do; each implementation inherits it.</summary>
public abstract class ObjectStoreConformance
{
    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Put_ThenRead_GivesTheBytesBack()
    {
        var content = new byte[1_000_003];
        new Random(7).NextBytes(content);

        await PutAsync("a/b/c.bin", content);

        Assert.Equal(content, await ReadAsync("a/b/c.bin"));
        Assert.True(await Store.ExistsAsync("a/b/c.bin", default));
    }

    [Fact]
    public async Task Put_NothingAtAll_IsAnObject()
    {
        await PutAsync("nothing", []);

        Assert.Empty(await ReadAsync("nothing"));
        Assert.True(await Store.ExistsAsync("nothing", default));
        Assert.Equal([new ObjectInfo("nothing", 0)], await ListAsync("noth"));
    }

    [Fact]
    public async Task Put_FromAStreamThatCannotSeek_TakesAllOfIt()
    {
        var content = new byte[300_000];
        new Random(8).NextBytes(content);

        await Store.PutAsync("piped", new PipedStream(content), default);

        Assert.Equal(content, await ReadAsync("piped"));
    }

    [Fact]
    public async Task Put_FromTheMiddleOfAStream_TakesTheRest()
    {
        using var stream = new MemoryStream([1, 2, 3, 4]) { Position = 2 };

        await Store.PutAsync("rest", stream, default);

        Assert.Equal([3, 4], await ReadAsync("rest"));
    }

    [Fact]
    public async Task Put_ExistingKey_ReplacesIt()
    {
        await PutAsync("k", [1, 2, 3]);
        await PutAsync("k", [9]);

        Assert.Equal([9], await ReadAsync("k"));
        Assert.Equal([new ObjectInfo("k", 1)], await ListAsync(""));
    }

    [Fact]
    public async Task Put_ContentFails_LeavesTheOldObjectAndNothingElse()
    {
        await PutAsync("k", [1, 2, 3]);

        await Assert.ThrowsAsync<IOException>(() => Store.PutAsync("k", new BreakingStream(), default));

        Assert.Equal([1, 2, 3], await ReadAsync("k"));
        Assert.Equal([new ObjectInfo("k", 3)], await ListAsync(""));
    }

    [Fact]
    public async Task OpenRead_ReplacedWhileOpen_StaysAsItWas()
    {
        await PutAsync("k", [1, 2, 3]);
        await using var open = await Store.OpenReadAsync("k", default);

        await PutAsync("k", [9, 9, 9]);

        using var copy = new MemoryStream();
        await open.CopyToAsync(copy);
        Assert.Equal([1, 2, 3], copy.ToArray());
    }

    [Fact]
    public async Task OpenRead_NoSuchKey_SaysWhich()
    {
        await PutAsync("a/b", [1]);

        Assert.Equal("a/c", (await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync("a/c", default))).Key);
        Assert.Equal("x/y", (await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync("x/y", default))).Key);
        Assert.False(await Store.ExistsAsync("a", default));
    }

    [Fact]
    public async Task Delete_RemovesIt_AndAgainIsNothing()
    {
        await PutAsync("a/b", [1]);

        await Store.DeleteAsync("a/b", default);
        await Store.DeleteAsync("a/b", default);
        await Store.DeleteAsync("never/was", default);

        Assert.False(await Store.ExistsAsync("a/b", default));
    }

    [Fact]
    public async Task List_GivesThePrefixInOrdinalOrder()
    {
        foreach (var key in new[] { "a/b/1", "a/b.x", "a/B", "a/b-", "ab", "a/b/0/z", "b" })
        {
            await PutAsync(key, [0]);
        }

        Assert.Equal(["a/B", "a/b-", "a/b.x", "a/b/0/z", "a/b/1"], (await ListAsync("a/")).Select(o => o.Key));
        Assert.Equal(["a/b-", "a/b.x", "a/b/0/z", "a/b/1"], (await ListAsync("a/b")).Select(o => o.Key));
        Assert.Equal(["a/b/0/z"], (await ListAsync("a/b/0")).Select(o => o.Key));
        Assert.Equal(7, (await ListAsync("")).Count);
        Assert.Empty(await ListAsync("nowhere/"));
    }

    [Theory]
    [InlineData("../")]
    [InlineData("a//")]
    [InlineData("/")]
    public async Task List_PrefixThatNoKeyCanHave_IsRefused(string prefix) => await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(prefix));

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData(".hidden")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    public async Task AnyCall_KeyThatIsNone_IsRefused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(key, [1]));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.OpenReadAsync(key, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ExistsAsync(key, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, default));
    }

    private async Task PutAsync(string key, byte[] content)
    {
        using var stream = new MemoryStream(content);
        await Store.PutAsync(key, stream, default);
    }

    private async Task<byte[]> ReadAsync(string key)
    {
        await using var stream = await Store.OpenReadAsync(key, default);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    private async Task<List<ObjectInfo>> ListAsync(string prefix)
    {
        var all = new List<ObjectInfo>();
        await foreach (var found in Store.ListAsync(prefix, default))
        {
            all.Add(found);
        }

        return all;
    }

    /// <summary>As from a socket: a few bytes at a time, and neither length nor way back.</summary>
    private sealed class PipedStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
    }

    /// <summary>Gives some bytes, then fails.</summary>
    private sealed class BreakingStream : MemoryStream
    {
        private int _reads;

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            destination.Write([1, 2]);
            throw new IOException("the source broke");
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _reads++ == 0 ? ValueTask.FromResult(2) : throw new IOException("the source broke");
    }
}
