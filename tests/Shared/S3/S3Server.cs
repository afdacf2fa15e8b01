using System.Globalization;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Tests.Shared.Processes;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>
/// An S3 server that is not ours, on a loopback port, with one bucket: moto, which answers as AWS does, keeps objects in memory, and takes any
/// credentials. What it does not judge (bodies against their checksums, access keys) <see cref="FaultProxy"/> can judge before it.
/// </summary>
public sealed partial class S3Server : IAsyncDisposable
{
    /// <summary>The bucket that is there.</summary>
    public const string Bucket = "telemetry";

    /// <summary>What stands in <see cref="AccessKeyFile"/>.</summary>
    public const string AccessKey = "stella-test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-s3-");
    private readonly int _port = FreePort.Next();
    private SupervisedProcess? _process;

    private S3Server()
    {
        File.WriteAllText(AccessKeyFile, AccessKey + "\n");
        File.WriteAllText(SecretKeyFile, "a-secret-of-tests\n");
    }

    /// <summary>Where it answers.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>File with the access key.</summary>
    public string AccessKeyFile => Path.Combine(_folder.FullName, "access");

    /// <summary>File with the secret key.</summary>
    public string SecretKeyFile => Path.Combine(_folder.FullName, "secret");

    /// <summary>Starts one and waits until it has the bucket.</summary>
    public static async Task<S3Server> StartNewAsync()
    {
        var server = new S3Server();
        server._process = SupervisedProcess.Start("TERM", [
            // What a test has against AWS's own SDK in its environment would make moto's fail.
            "env", "-u", "AWS_PROFILE", "-u", "AWS_CONFIG_FILE", "-u", "AWS_SHARED_CREDENTIALS_FILE", ExternalTool.Require("moto_server"), "-H", "127.0.0.1", "-p", server._port.ToString(CultureInfo.InvariantCulture)]);
        using var http = NewClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                Assert.False(server._process.HasExited, $"moto did not start: {server._process.Output}");
                try
                {
                    using var answer = await http.PutAsync(new Uri(server.Url, Bucket), null);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60),
            "the S3 server answers");
        return server;
    }

    /// <summary>The keys that the bucket has, as the server itself says.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        using var http = NewClient();
        return [.. KeyElement().Matches(await http.GetStringAsync(new Uri(Url, Bucket + "?list-type=2"))).Select(m => m.Groups[1].Value)];
    }

    /// <summary>The settings of an archive in the bucket, by environment variable.</summary>
    /// <param name="endpoint">Where requests go: the server, or what stands before it.</param>
    public Dictionary<string, string> Settings(Uri endpoint) => new()
    {
        [Contracts.KnownEnvironment.ArchiveS3 + "Endpoint"] = endpoint.ToString(),
        [Contracts.KnownEnvironment.ArchiveS3Bucket] = Bucket,
        [Contracts.KnownEnvironment.ArchiveS3 + "AccessKeyFile"] = AccessKeyFile,
        [Contracts.KnownEnvironment.ArchiveS3 + "SecretKeyFile"] = SecretKeyFile,
        [Contracts.KnownEnvironment.ArchiveS3 + "ServerSideEncryption"] = "none",
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
            await _process.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    [GeneratedRegex("<Key>([^<]*)</Key>")]
    private static partial Regex KeyElement();
}
