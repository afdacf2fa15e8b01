namespace StellaOps.Telemetry.Contracts;

/// <summary>Names of environment variables that wire processes together, as Aspire gives them or after its manner.</summary>
public static class KnownEnvironment
{
    public const string PostgresConnection = "ConnectionStrings__telemetry";
    public const string RedisConnection = "ConnectionStrings__redis";
    public const string AspNetCoreUrls = "ASPNETCORE_URLS";
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    public const string OtlpHeaders = "OTEL_EXPORTER_OTLP_HEADERS";
    public const string OtelServiceName = "OTEL_SERVICE_NAME";

    /// <summary>OIDC issuer whose tokens are taken.</summary>
    public const string AuthAuthority = "Stella__Auth__Authority";

    /// <summary>Development: JWKS file of the issuer <see cref="KnownIssuers.Development"/>.</summary>
    public const string AuthJwksFile = "Stella__Auth__JwksFile";

    /// <summary>File with the bearer token that a service presents to other services; read anew when it changes.</summary>
    public const string ServiceTokenFile = "Stella__Auth__ServiceTokenFile";

    /// <summary>The service's own private key (P-256, PKCS#8 PEM, mode 0600): signs its messages.</summary>
    public const string IdentityKeyFile = "Stella__Identity__KeyFile";

    /// <summary>The trust file: <see cref="Trust.TrustDocument"/>.</summary>
    public const string TrustFile = "Stella__Trust__File";

    /// <summary>The process whose end ends this one; set by the local engine.</summary>
    public const string ParentProcessId = "Stella__Host__ParentProcessId";

    /// <summary>Folder of the archive, where it is no bucket.</summary>
    public const string ArchivePath = "Stella__Archive__Path";

    /// <summary>What the names of a bucket's settings begin with, instead of <see cref="ArchivePath"/>; docs/archive.md has them all.</summary>
    public const string ArchiveS3 = "Stella__Archive__S3__";

    /// <summary>The bucket that the archive lives in.</summary>
    public const string ArchiveS3Bucket = ArchiveS3 + "Bucket";

    /// <summary>The gateway's name in envelopes, heartbeats and the ledger.</summary>
    public const string GatewayId = "Stella__Gateway__Id";

    /// <summary>Folder of the gateway's log, journal, cursors and last good snapshot.</summary>
    public const string GatewayDataPath = "Stella__Gateway__DataPath";

    /// <summary>OTLP/gRPC listener, <c>http://127.0.0.1:4317</c>.</summary>
    public const string GatewayGrpcUrl = "Stella__Gateway__GrpcUrl";

    /// <summary>OTLP/HTTP listener, <c>http://127.0.0.1:4318</c>.</summary>
    public const string GatewayHttpUrl = "Stella__Gateway__HttpUrl";

    /// <summary>The OpAMP server of the fleet, <c>ws://127.0.0.1:4320/v1/opamp</c>; without it the gateway belongs to none.</summary>
    public const string FleetOpAmpUrl = "Stella__Fleet__OpAmpUrl";

    /// <summary>What the gateway is selected by, <c>region=eu,tier=edge</c>.</summary>
    public const string FleetLabels = "Stella__Fleet__Labels";

    /// <summary>The profile document in force.</summary>
    public const string ProfilePath = "Stella__Profile__Path";

    /// <summary>The environment whose overlay lies over the profile, <c>prod</c> for <c>overlays/prod/NAME.yaml</c>; unset for none.</summary>
    public const string ProfileOverlay = "Stella__Profile__Overlay";

    /// <summary>Who is told of incidents, a document of kind Notifications; unset: nobody.</summary>
    public const string NotifyFile = "Stella__Notify__File";

    /// <summary>What alerts and orchestrators make of incidents, a document of kind Hooks; unset: hooks are closed.</summary>
    public const string HooksFile = "Stella__Hooks__File";

    /// <summary>Secret key (hex, 32 bytes) of keyed pseudonyms.</summary>
    public const string RedactionHmacKeyFile = "Stella__Redaction__HmacKeyFile";

    /// <summary>File with the ingest key of tenant <c>stella-system</c>, seeded by the profile service at its first start.</summary>
    public const string SystemIngestKeyFile = "Stella__Bootstrap__SystemIngestKeyFile";

    /// <summary>Folder where the capture worker keeps finished bundles.</summary>
    public const string CaptureBundlePath = "Stella__Capture__BundlePath";

    /// <summary>The capture worker's evidence signing key (cosign's encrypted format).</summary>
    public const string SigningKeyFile = "Stella__Signing__KeyFile";

    /// <summary>File with the password of <see cref="SigningKeyFile"/>.</summary>
    public const string SigningPasswordFile = "Stella__Signing__PasswordFile";

    /// <summary>Timestamp authority of evidence signatures (RFC 3161 over HTTP); unset: they bear no time.</summary>
    public const string SigningTsaUrl = "Stella__Signing__Tsa__Url";

    /// <summary>Chain of that authority (PEM, leaf first).</summary>
    public const string SigningTsaCertificateFile = "Stella__Signing__Tsa__CertificateFile";
}

/// <summary>Issuers of tokens.</summary>
public static class KnownIssuers
{
    /// <summary>The development issuer: a key pair in <c>.stella/keys</c>, not a server. Loopback only.</summary>
    public const string Development = "urn:stella:dev";

    /// <summary>The audience of every token of this system.</summary>
    public const string Audience = "stella-telemetry";
}

/// <summary>Names of processes, as resources, as <c>services__&lt;name&gt;__http__0</c> and as the log's coloured name.</summary>
public static class KnownServices
{
    public const string Postgres = "postgres";
    public const string Redis = "redis";
    public const string ProfileService = "profile-service";
    public const string IncidentService = "incident-service";
    public const string CaptureWorker = "capture-worker";
    public const string IngestGateway = "ingest-gateway";
}
