using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Archive.Tests.TestServices;

namespace StellaOps.Telemetry.Archive.Tests.Objects;

public sealed class ArchiveOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Faults_OfAFolderOrABucket_AreNone()
    {
        Assert.Empty(new ArchiveOptions { Path = "/var/lib/archive" }.Faults());
        Assert.Empty(new ArchiveOptions { S3 = Good() }.Faults());
        Assert.Empty(new ArchiveOptions { S3 = Changed(o => (o.Endpoint, o.Region) = (null, "eu-central-1")) }.Faults());
    }

    [Fact]
    public void Faults_OfNeitherAndOfBoth_NameBothWays()
    {
        var neither = Assert.Single(new ArchiveOptions().Faults());
        var both = Assert.Single(new ArchiveOptions { Path = "/archive", S3 = Good() }.Faults());

        Assert.Contains("Stella__Archive__Path", neither, StringComparison.Ordinal);
        Assert.Contains("Stella__Archive__S3__Bucket", neither, StringComparison.Ordinal);
        Assert.Contains("Stella__Archive__Path is '/archive'", both, StringComparison.Ordinal);
        Assert.Contains("bucket 'telemetry'", both, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<S3Options>> Wrong => new()
    {
        { "Endpoint", o => o.Endpoint = "s3.internal" },
        { "Endpoint", o => o.Endpoint = "ftp://s3.internal" },
        { "Endpoint", o => o.Endpoint = "https://s3.internal/path" },
        { "Endpoint", o => o.Endpoint = "https://key:secret@s3.internal" },
        { "Endpoint", o => o.Endpoint = "http://s3.internal:9000" },
        { "Region", o => o.Region = "EU Central" },
        { "Bucket", o => o.Bucket = null },
        { "Bucket", o => o.Bucket = "Telemetry" },
        { "Bucket", o => (o.PathStyle, o.Bucket) = (false, "a.bucket") },
        { "Prefix", o => o.Prefix = "../elsewhere" },
        { "CaFile", o => o.CaFile = "/nowhere/ca.pem" },
        { "AccessKeyFile", o => o.AccessKeyFile = null },
        { "SecretKeyFile", o => o.SecretKeyFile = "/nowhere/secret" },
        { "AccessKeyFile", o => File.WriteAllText(o.AccessKeyFile!, " \n") },
        { "SecretKeyFile", o => File.WriteAllText(o.SecretKeyFile!, "two words") },
        { "SessionTokenFile", o => o.SessionTokenFile = "/nowhere/token" },
        { "ServerSideEncryption", o => o.ServerSideEncryption = null },
        { "ServerSideEncryption", o => o.ServerSideEncryption = "aes" },
        { "KmsKeyId", o => o.KmsKeyId = "alias/telemetry" },
        { "Checksum", o => o.Checksum = (S3ChecksumKind)9 },
        { "PartBytes", o => o.PartBytes = 1 << 20 },
        { "MultipartFromBytes", o => o.MultipartFromBytes = -1 },
        { "MaxAttempts", o => o.MaxAttempts = 0 },
        { "RequestTimeout", o => o.RequestTimeout = TimeSpan.Zero },
        { "AbandonedAfter", o => o.AbandonedAfter = TimeSpan.FromDays(400) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Faults_OfOneWrongSetting_AreOneThatNamesTheKey(string key, Action<S3Options> change)
    {
        var fault = Assert.Single(new ArchiveOptions { S3 = Changed(change) }.Faults());

        Assert.Contains("Stella__Archive__S3__" + key, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "eu-central-1", null, "telemetry.s3.eu-central-1.amazonaws.com", 443)]
    [InlineData("https://s3.eu-west-1.amazonaws.com", null, true, "s3.eu-west-1.amazonaws.com", 443)]
    [InlineData("https://minio.internal:9000", null, null, "minio.internal", 9000)]
    [InlineData("https://minio.internal:9000", null, false, "telemetry.minio.internal", 9000)]
    public void Host_IsWhereConnectionsGo(string? endpoint, string? region, bool? pathStyle, string host, int port)
    {
        var options = Changed(o => (o.Endpoint, o.Region, o.PathStyle) = (endpoint, region, pathStyle));

        Assert.Equal((host, port), (options.Host, options.Port));
    }

    public void Dispose() => _folder.Dispose();

    private S3Options Changed(Action<S3Options> change)
    {
        var options = Good();
        change(options);
        return options;
    }

    private S3Options Good()
    {
        var (access, secret) = (Path.Combine(_folder.Path, "access"), Path.Combine(_folder.Path, "secret"));
        File.WriteAllText(access, "AKIAEXAMPLE\n");
        File.WriteAllText(secret, "a-secret\n");
        return new S3Options
        {
            Endpoint = "https://minio.internal:9000",
            Bucket = "telemetry",
            Prefix = "prod/eu/",
            AccessKeyFile = access,
            SecretKeyFile = secret,
            ServerSideEncryption = "none",
        };
    }
}
