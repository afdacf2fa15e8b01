using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.Archive.Tests.Objects.S3;

public sealed class S3SafetyTests(SharedS3 shared)
{
    private const string Key = "day/object";

    [Fact]
    public async Task Requests_CredentialsReplacedInTheirFiles_GoByTheNewOnesAtOnce()
    {
        var server = await shared.ServerAsync();
        await using var proxy = await FaultProxy.StartNewAsync(server.Url);
        using var folder = new TemporaryFolder();
        var options = SharedS3.Options(server, proxy.Url);
        (options.AccessKeyFile, options.SecretKeyFile) = (Path.Combine(folder.Path, "access"), Path.Combine(folder.Path, "secret"));
        await File.WriteAllTextAsync(options.SecretKeyFile, "a-secret-of-yesterday");
        await File.WriteAllTextAsync(options.AccessKeyFile, "yesterday");
        using var store = new S3ObjectStore(options, SharedS3.Connections(), TimeProvider.System, NullLogger.Instance);
        proxy.Judge(r => r.AccessKey == S3Server.AccessKey ? null : new S3Fault(S3FaultKind.UnknownAccessKey));

        var refused = await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(store, Key, [1]));
        File.Copy(server.SecretKeyFile, options.SecretKeyFile, overwrite: true);
        File.Copy(server.AccessKeyFile, options.AccessKeyFile, overwrite: true);
        await FaultedStore.PutAsync(store, Key, [1, 2]);
        File.Delete(options.SecretKeyFile);
        await FaultedStore.PutAsync(store, Key, [1, 2, 3]);

        Assert.Single(proxy.Struck);
        Assert.Contains("AccessKeyFile", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-of-yesterday", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], await FaultedStore.ReadAsync(store, Key));
    }

    [Fact]
    public async Task Requests_BucketIsMissing_AreFailuresAndNoMissingObjects()
    {
        var options = SharedS3.Options(await shared.ServerAsync());
        options.Bucket = "no-such-bucket";
        using var store = new S3ObjectStore(options, SharedS3.Connections(), TimeProvider.System, NullLogger.Instance);

        foreach (var request in new Func<Task>[]
        {
            () => store.OpenReadAsync(Key, default), () => store.ExistsAsync(Key, default), () => FaultedStore.ListAsync(store),
        })
        {
            var e = await Assert.ThrowsAsync<S3StoreException>(request);
            Assert.Contains("NoSuchBucket", e.Message, StringComparison.Ordinal);
            Assert.Contains("Stella__Archive__S3__Bucket", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_Sealed_GoNowhereThatTheAllowlistDoesNotName()
    {
        var server = await shared.ServerAsync();
        var elsewhere = SharedS3.Options(server, new Uri("http://s3.elsewhere.example:9000"));
        var resolver = new NoResolver();
        using var store = new S3ObjectStore(elsewhere, SharedS3.Connections(EgressPolicy.Sealed(["s3.internal"]), resolver), TimeProvider.System, NullLogger.Instance);

        var e = await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(store, Key, [1]));

        Assert.Contains("the allowlist does not name s3.elsewhere.example:9000", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, resolver.Asked);
    }

    [Fact]
    public async Task Put_UploadsThatACrashLeft_AreAborted()
    {
        // A clock by which what the server begins now is older than a day.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(2));
        await using var faulted = await FaultedStore.StartAsync(shared, time: time);

        // The server begins an upload and nobody hears of it: as if the process had died.
        faulted.Proxy.Judge(r => r is { Operation: "CreateMultipartUpload", Key: var key } && key.EndsWith("/crashed", StringComparison.Ordinal) ? new S3Fault(S3FaultKind.InternalError) : null);
        var put = FaultedStore.PutAsync(faulted.Store, "crashed", [1]);
        await AdvanceAsync(time, TimeSpan.FromSeconds(1), put);
        await Assert.ThrowsAsync<S3StoreException>(() => put);

        await FaultedStore.PutAsync(faulted.Store, Key, [1]);
        Assert.Equal(1, Count("ListMultipartUploads"));
        Assert.Equal(6, Count("AbortMultipartUpload"));

        // Looked for again a day later, and not before.
        await FaultedStore.PutAsync(faulted.Store, Key, [1, 2]);
        Assert.Equal(1, Count("ListMultipartUploads"));
        time.Advance(TimeSpan.FromHours(25));
        await FaultedStore.PutAsync(faulted.Store, Key, [2]);
        await FaultedStore.PutAsync(faulted.Store, Key, [3]);

        Assert.Equal(2, Count("ListMultipartUploads"));
        Assert.Equal(6, Count("AbortMultipartUpload"));
        Assert.All(faulted.Proxy.Seen.Where(r => r.Operation == "AbortMultipartUpload"), r => Assert.EndsWith("/crashed", r.Key, StringComparison.Ordinal));

        int Count(string operation) => faulted.Proxy.Seen.Count(r => r.Operation == operation);
    }

    [Fact]
    public async Task Requests_NothingComesBack_AreTriedAgainAfterTheirTime()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var faulted = await FaultedStore.StartAsync(shared, time: time);
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.Stall), "CreateMultipartUpload", "CompleteMultipartUpload", "GetObject", "ListObjectsV2");

        var work = RoundTripAsync();
        await AdvanceAsync(time, TimeSpan.FromSeconds(5), work);

        Assert.Equal([7, 8, 9], await work);
        Assert.Equal(4, faulted.Proxy.Struck.Count);

        async Task<byte[]> RoundTripAsync()
        {
            await FaultedStore.PutAsync(faulted.Store, Key, [7, 8, 9]);
            Assert.Single(await FaultedStore.ListAsync(faulted.Store));
            return await FaultedStore.ReadAsync(faulted.Store, Key);
        }
    }

    [Theory]
    [InlineData(S3ChecksumKind.Sha256, 1000, false)]
    [InlineData(S3ChecksumKind.Sha256, 1000, true)]
    [InlineData(S3ChecksumKind.Crc32, 1000, true)]
    [InlineData(S3ChecksumKind.Sha256, 6_000_000, true)]
    [InlineData(S3ChecksumKind.Crc32, 6_000_000, true)]
    public async Task Read_ServerKeepsChecksums_FindsAChangedByte(S3ChecksumKind kind, int length, bool isInParts)
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => (o.Checksum, o.MultipartFromBytes) = (kind, isInParts ? 0 : null));
        var content = FaultedStore.Content(11, length);
        await FaultedStore.PutAsync(faulted.Store, Key, content);

        // What a server keeps, computed here from its definition.
        var partBytes = isInParts ? Math.Min(5 << 20, length + 1) : 0;
        var kept = Kept(kind, content, partBytes);
        faulted.Proxy.MoreHeaders = r => r.Operation == "GetObject"
            ? [("x-amz-checksum-" + (kind == S3ChecksumKind.Sha256 ? "sha256" : "crc32"), kept), ("x-amz-meta-stella-part-bytes", partBytes.ToString())]
            : [];

        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Store, Key));
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CutAnswer, length / 2));
        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Store, Key));
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CorruptAnswer, length - 1));
        Assert.Equal("day/object", (await Assert.ThrowsAsync<ArchiveDamagedException>(() => FaultedStore.ReadAsync(faulted.Store, Key))).Key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(null)]
    public async Task Put_ServerDoesNotEncryptAsAsked_IsNoPut(int? multipartFrom)
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => (o.ServerSideEncryption, o.MultipartFromBytes) = ("AES256", multipartFrom));
        faulted.Proxy.HiddenHeaders = ["x-amz-server-side-encryption"];

        var e = await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(faulted.Store, Key, [1, 2]));
        Assert.Contains("Stella__Archive__S3__ServerSideEncryption=AES256", e.Message, StringComparison.Ordinal);
        Assert.Empty(await FaultedStore.ListAsync(faulted.Direct));

        // rclone encrypts nothing: there it is the proxy that says it was done.
        faulted.Proxy.HiddenHeaders = [];
        faulted.Proxy.MoreHeaders = _ => S3Server.Kind == S3ServerKind.Rclone ? [("x-amz-server-side-encryption", "AES256")] : [];
        await FaultedStore.PutAsync(faulted.Store, Key, [1, 2]);
        Assert.Equal([1, 2], await FaultedStore.ReadAsync(faulted.Direct, Key));
    }

    private static string Kept(S3ChecksumKind kind, byte[] content, int partBytes)
    {
        Func<byte[], byte[]> hash = kind == S3ChecksumKind.Sha256 ? SHA256.HashData : b => [.. System.IO.Hashing.Crc32.Hash(b).Reverse()];
        var parts = partBytes == 0 ? [content] : content.Chunk(partBytes).ToArray();
        return partBytes == 0 ? Convert.ToBase64String(hash(content)) : $"{Convert.ToBase64String(hash([.. parts.SelectMany(hash)]))}-{parts.Length}";
    }

    /// <summary>Turns the clock until the work is done.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider time, TimeSpan step, Task work)
    {
        for (var steps = 0; steps < 2000 && !work.IsCompleted; steps++)
        {
            await Task.WhenAny(work, Task.Delay(20));
            time.Advance(step);
        }
    }

    private sealed class NoResolver : IHostResolver
    {
        public int Asked { get; private set; }

        public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(Array.Empty<IPAddress>());
        }
    }
}
