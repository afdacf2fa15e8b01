using System.Globalization;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Tests.Shared.Processes;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>
/// An S3 server that is not ours, on a loopback port, with one bucket: moto, or the rclone that <see cref="RcloneVariable"/> names. What it does not
/// judge (bodies against their checksums; moto: access keys) <see cref="FaultProxy"/> can judge before it.
/// </summary>
public sealed partial class S3Server : IAsyncDisposable
{
    /// <summary>Environment variable that makes tests run against an rclone with <c>serve s3</c>: its path, or its name in PATH.</summary>
    public const string RcloneVariable = "STELLA_TEST_S3";

    /// <summary>The bucket that is there.</summary>
    public const string Bucket = "telemetry";

    /// <summary>What stands in <see cref="AccessKeyFile"/>.</summary>
    public const string AccessKey = "stella-test";

    private const string SecretKey = "a-secret-of-tests";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-s3-");
    private readonly int _port = FreePort.Next();
    private SupervisedProcess? _process;

    private S3Server()
    {
        File.WriteAllText(AccessKeyFile, AccessKey + "\n");
        File.WriteAllText(SecretKeyFile, SecretKey + "\n");
        Directory.CreateDirectory(BucketFolder);
    }

    /// <summary>Which one tests run against.</summary>
    public static S3ServerKind Kind => string.IsNullOrEmpty(Rclone) ? S3ServerKind.Moto : S3ServerKind.Rclone;

    /// <summary>Where it answers.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>File with the access key.</summary>
    public string AccessKeyFile => Path.Combine(_folder.FullName, "access");

    /// <summary>File with the secret key.</summary>
    public string SecretKeyFile => Path.Combine(_folder.FullName, "secret");

    private static string? Rclone => Environment.GetEnvironmentVariable(RcloneVariable);

    private string ObjectsFolder => Path.Combine(_folder.FullName, "objects");

    private string BucketFolder => Path.Combine(ObjectsFolder, Bucket);

    /// <summary>Starts one and waits until it has the bucket.</summary>
    public static async Task<S3Server> StartNewAsync()
    {
        var server = new S3Server();
        server._process = SupervisedProcess.Start("TERM", server.Command());
        using var http = NewClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                Assert.False(server._process.HasExited, $"{Kind} did not start: {server._process.Output}");
                try
                {
                    // rclone has the bucket as a folder, and refuses whoever does not sign.
                    using var answer = await http.PutAsync(new Uri(server.Url, Bucket), null);
                    return answer.IsSuccessStatusCode || Kind == S3ServerKind.Rclone;
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

    /// <summary>The server's program; without it the test is skipped on a laptop and fails in CI.</summary>
    public static string RequireProgram()
    {
        if (Kind == S3ServerKind.Moto)
        {
            return ExternalTool.Require("moto_server");
        }

        Assert.True(ExternalTool.Find(Rclone!) is not null, $"{RcloneVariable} is '{Rclone}', and no such program is there");
        return ExternalTool.Find(Rclone!)!;
    }

    /// <summary>The keys that the bucket has: as moto says, as rclone's files lie in the bucket's folder.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        if (Kind == S3ServerKind.Rclone)
        {
            // What is on its way up lies beside its place under a name that rclone shows nobody.
            return [.. Directory.EnumerateFiles(BucketFolder, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith(".rclone_temp_", StringComparison.Ordinal))
                .Select(f => Path.GetRelativePath(BucketFolder, f)).Order(StringComparer.Ordinal)];
        }

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

    private IEnumerable<string> Command()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        return Kind == S3ServerKind.Rclone
            ? [RequireProgram(), "serve", "s3", "--config", "", "--addr", $"127.0.0.1:{port}", "--auth-key", $"{AccessKey},{SecretKey}", ObjectsFolder]

            // What a test has against AWS's own SDK in its environment would make moto's fail.
            : ["env", "-u", "AWS_PROFILE", "-u", "AWS_CONFIG_FILE", "-u", "AWS_SHARED_CREDENTIALS_FILE", RequireProgram(), "-H", "127.0.0.1", "-p", port];
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    [GeneratedRegex("<Key>([^<]*)</Key>")]
    private static partial Regex KeyElement();
}
