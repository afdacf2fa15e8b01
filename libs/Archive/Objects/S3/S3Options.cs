using System.Globalization;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Section <c>Stella:Archive:S3</c>. Nothing is taken from the environment, profiles or metadata services of AWS.</summary>
public sealed class S3Options
{
    private const string AwsSuffix = ".amazonaws.com";

    /// <summary><c>https://s3.eu-central-1.amazonaws.com</c>, <c>https://minio.internal:9000</c>; null: AWS's own of <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Signed into requests; null with an endpoint: <c>us-east-1</c>, which servers that know no regions take.</summary>
    public string? Region { get; set; }

    /// <summary>The bucket. It has to exist.</summary>
    public string? Bucket { get; set; }

    /// <summary>Before every key, <c>telemetry/prod</c>; null: the bucket's root.</summary>
    public string? Prefix { get; set; }

    /// <summary>The bucket in the path rather than in the host name; null: in the path, except at AWS.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>Has to be spelled to send telemetry in the clear to another machine.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>Authorities (PEM) that the server's certificate is judged by; null: the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>File with the access key; followed when it changes.</summary>
    public string? AccessKeyFile { get; set; }

    /// <summary>File with the secret key; followed when it changes.</summary>
    public string? SecretKeyFile { get; set; }

    /// <summary>File with the session token of temporary credentials; null: they are not temporary.</summary>
    public string? SessionTokenFile { get; set; }

    /// <summary><c>AES256</c>, <c>aws:kms</c>, or <c>none</c>: what the bucket does by itself. Has no default: it is the operator's word.</summary>
    public string? ServerSideEncryption { get; set; }

    /// <summary>The key of <c>aws:kms</c>; null: the bucket's or the account's own.</summary>
    public string? KmsKeyId { get; set; }

    /// <summary>What the server checks each upload by.</summary>
    public S3ChecksumKind Checksum { get; set; } = S3ChecksumKind.Sha256;

    /// <summary>Bytes of a part, and of the buffer of each upload in progress. S3 takes no part below 5 MiB but the last, and 10,000 parts.</summary>
    public int PartBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Objects of at least this many bytes go up in parts. 0: all that are not empty, for servers where a put that broke off can be seen
    /// half-written; null: as of <see cref="PartBytes"/>.
    /// </summary>
    public long? MultipartFromBytes { get; set; }

    /// <summary>How long a connection may take to be made.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one attempt of a request may take, up to the headers of the answer.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an object that is being read may send nothing before the rest is asked for anew.</summary>
    public TimeSpan SilenceTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts at one request before it has failed.</summary>
    public int MaxAttempts { get; set; } = 6;

    /// <summary>The wait before the second attempt; doubled before each further one, and shortened by up to half at random.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Uploads in parts that began longer ago than this are what a crash left, and are aborted.</summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether anything says that the archive is a bucket.</summary>
    public bool IsGiven => new[] { Endpoint, Region, Bucket, AccessKeyFile, SecretKeyFile, ServerSideEncryption }.Any(v => !string.IsNullOrEmpty(v));

    /// <summary>What is signed.</summary>
    public string EffectiveRegion => string.IsNullOrEmpty(Region) ? "us-east-1" : Region;

    /// <summary>Where requests go, but for the bucket's name before the host where that is the style.</summary>
    public Uri? EffectiveEndpoint =>
        !string.IsNullOrEmpty(Endpoint) ? Uri.TryCreate(Endpoint, UriKind.Absolute, out var endpoint) ? endpoint : null
        : string.IsNullOrEmpty(Region) ? null
        : Uri.TryCreate($"https://s3.{Region}{AwsSuffix}/", UriKind.Absolute, out var aws) ? aws : null;

    /// <summary>Whether the bucket stands in the path.</summary>
    public bool EffectivePathStyle => PathStyle ?? !(EffectiveEndpoint?.IdnHost.EndsWith(AwsSuffix, StringComparison.OrdinalIgnoreCase) ?? false);

    /// <summary>The host that connections go to: what an allowlist has to name.</summary>
    public string Host => EffectiveEndpoint is not { } endpoint ? "" : EffectivePathStyle ? endpoint.IdnHost : $"{Bucket}.{endpoint.IdnHost}";

    /// <summary>Its port.</summary>
    public int Port => EffectiveEndpoint?.Port ?? 0;

    /// <summary>The bucket and prefix, as they are shown.</summary>
    public string Location => string.Create(CultureInfo.InvariantCulture, $"{EffectiveEndpoint?.GetLeftPart(UriPartial.Authority)}/{Bucket}/{Prefix}");

    /// <summary>Everything that is wrong; each says the key, the value and the fix.</summary>
    public IEnumerable<string> Faults() => S3OptionsFaults.Of(this);
}
