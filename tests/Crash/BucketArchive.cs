using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.Crash;

/// <summary>A bucket of a server that is not ours, behind a proxy that breaks one request in seven, each in another way.</summary>
internal sealed class BucketArchive : IArchive
{
    private const int OneIn = 7;
    private static readonly S3FaultKind[] s_kinds =
        [S3FaultKind.SlowDown, S3FaultKind.InternalError, S3FaultKind.Reset, S3FaultKind.CutRequest, S3FaultKind.CutAnswer, S3FaultKind.LoseAnswer, S3FaultKind.Slow, S3FaultKind.CorruptRequest];

    private readonly S3Server _server;
    private readonly FaultProxy _proxy;
    private readonly S3ObjectStore _store;

    private BucketArchive(S3Server server, FaultProxy proxy, int seed)
    {
        (_server, _proxy) = (server, proxy);
        var options = new S3Options
        {
            Endpoint = server.Url.ToString(),
            Bucket = S3Server.Bucket,
            AccessKeyFile = server.AccessKeyFile,
            SecretKeyFile = server.SecretKeyFile,
            ServerSideEncryption = "none",
        };
        _store = new S3ObjectStore(options, new S3Connections(() => new SocketsHttpHandler { UseProxy = false }, _ => false), TimeProvider.System, NullLogger.Instance);
        var random = new Random(seed + 2);
        proxy.Judge(_ =>
        {
            lock (random)
            {
                return random.Next(OneIn) == 0 ? new S3Fault(s_kinds[random.Next(s_kinds.Length)], random.Next(2000)) : null;
            }
        });
    }

    public IReadOnlyDictionary<string, string> Settings => _server.Settings(_proxy.Url);

    public IObjectStore Store => _store;

    public string Struck => $"; {_proxy.Struck.Count} of {_proxy.Seen.Count} requests to the archive were struck";

    public static async Task<BucketArchive> StartAsync(int seed)
    {
        var server = await S3Server.StartNewAsync();
        return new BucketArchive(server, await FaultProxy.StartNewAsync(server.Url), seed);
    }

    public void Heal() => _proxy.Judge(_ => null);

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }
}
