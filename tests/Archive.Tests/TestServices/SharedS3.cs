using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Tests.Shared.S3;

[assembly: AssemblyFixture(typeof(StellaOps.Telemetry.Archive.Tests.TestServices.SharedS3))]

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>One server for all tests, started for the first that asks; each test has a prefix of its own.</summary>
public sealed class SharedS3 : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<S3Server>? _server;

    public Task<S3Server> ServerAsync()
    {
        lock (_lock)
        {
            return _server ??= S3Server.StartNewAsync();
        }
    }

    /// <summary>Settings for the server, or what stands before it; waits are short, and parts as small as S3 has them.</summary>
    public static S3Options Options(S3Server server, Uri? endpoint = null) => new()
    {
        Endpoint = (endpoint ?? server.Url).ToString(),
        Bucket = S3Server.Bucket,
        Prefix = "t/" + Guid.NewGuid().ToString("N"),
        AccessKeyFile = server.AccessKeyFile,
        SecretKeyFile = server.SecretKeyFile,
        ServerSideEncryption = "none",

        // Asked for the checksum of an object that is not there, moto fails.
        Checksum = S3ChecksumKind.Md5,
        MultipartFromBytes = 0,
        PartBytes = 5 << 20,
        FirstDelay = TimeSpan.FromMilliseconds(1),
        MaxDelay = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Connections as a gateway makes them that is not sealed.</summary>
    public static S3Connections Connections(EgressPolicy? policy = null, IHostResolver? resolver = null)
    {
        var dialer = new EgressDialer(policy ?? EgressPolicy.Open, resolver ?? new SystemHostResolver(), null);
        return new S3Connections(dialer.CreateHandler, e => EgressDeniedException.In(e) is not null);
    }

    public async ValueTask DisposeAsync()
    {
        // What did not start, or was skipped, said so in every test.
        if (_server is { IsCompletedSuccessfully: true })
        {
            await (await _server).DisposeAsync();
        }
    }
}
