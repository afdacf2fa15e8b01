using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.Archive.Tests.Objects.S3;

/// <summary>A store whose requests go through a proxy with faults, and one beside it that sees what the server really has.</summary>
internal sealed class FaultedStore : IAsyncDisposable
{
    private FaultedStore(FaultProxy proxy, S3ObjectStore store, S3ObjectStore direct) => (Proxy, Store, Direct) = (proxy, store, direct);

    public FaultProxy Proxy { get; }

    public S3ObjectStore Store { get; }

    public S3ObjectStore Direct { get; }

    public static async Task<FaultedStore> StartAsync(SharedS3 shared, Action<S3Options>? change = null, TimeProvider? time = null)
    {
        var server = await shared.ServerAsync();
        var proxy = await FaultProxy.StartNewAsync(server.Url);
        var options = SharedS3.Options(server, proxy.Url);
        change?.Invoke(options);
        var direct = SharedS3.Options(server);
        direct.Prefix = options.Prefix;
        return new FaultedStore(
            proxy,
            new S3ObjectStore(options, SharedS3.Connections(), time ?? TimeProvider.System, NullLogger.Instance),
            new S3ObjectStore(direct, SharedS3.Connections(), TimeProvider.System, NullLogger.Instance));
    }

    public static byte[] Content(int seed, int length)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public static async Task PutAsync(IObjectStore store, string key, byte[] content)
    {
        using var stream = new MemoryStream(content);
        await store.PutAsync(key, stream, CancellationToken.None);
    }

    public static async Task<byte[]> ReadAsync(IObjectStore store, string key)
    {
        await using var stream = await store.OpenReadAsync(key, CancellationToken.None);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    public static async Task<List<ObjectInfo>> ListAsync(IObjectStore store, string prefix = "")
    {
        var all = new List<ObjectInfo>();
        await foreach (var found in store.ListAsync(prefix, CancellationToken.None))
        {
            all.Add(found);
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        Direct.Dispose();
        await Proxy.DisposeAsync();
    }
}
