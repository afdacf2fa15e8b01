using System.Runtime.CompilerServices;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>
/// What AWS's SDK would look at, all of it wrong, for every test of this program: a request that goes by any of it fails. The profile file
/// is one that cannot be read as such.
/// </summary>
internal static class HostileEnvironment
{
    [ModuleInitializer]
    internal static void Set()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("stella-hostile-").FullName, "config");
        File.WriteAllText(file, "[default\nendpoint_url = http://127.0.0.1:1\nregion = mars-north-1\nmax_attempts = 1\n");
        foreach (var (name, value) in new[]
        {
            ("AWS_CONFIG_FILE", file), ("AWS_SHARED_CREDENTIALS_FILE", file), ("AWS_PROFILE", "nobody"), ("AWS_REGION", "mars-north-1"), ("AWS_DEFAULT_REGION", "mars-north-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"), ("AWS_ACCESS_KEY_ID", "nobody"), ("AWS_SECRET_ACCESS_KEY", "nothing"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1"), ("AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_SUPPORTED"),
            ("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true"), ("AWS_MAX_ATTEMPTS", "1"), ("AWS_RETRY_MODE", "adaptive"),
            ("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1"), ("HTTPS_PROXY", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1"),
        })
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
