using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using Amazon.S3;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Makes the SDK's client so that it does what it is told and nothing else: the host's handler, no retries of its own, no checksums but those
/// we compute, and no look at AWS's environment variables, profiles and metadata service.
/// </summary>
internal static class S3ClientFactory
{
    // A name may mean other addresses tomorrow, and an allowlist may have changed.
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(10);

    static S3ClientFactory()
    {
        // The SDK reads the profile file once, for defaults that are all given here: a file that is none has nothing to say.
        Amazon.AWSConfigs.AWSProfilesLocation = "/dev/null";
        Amazon.AWSConfigs.UseSdkCache = false;
    }

    public static AmazonS3Client Create(S3Options options, S3Connections connections, AWSCredentials credentials) => new(credentials, new AmazonS3Config
    {
        IgnoreConfiguredEndpointUrls = true,
        ServiceURL = options.EffectiveEndpoint!.ToString(),
        AuthenticationRegion = options.EffectiveRegion,
        ForcePathStyle = options.EffectivePathStyle,
        UseDualstackEndpoint = false,
        UseFIPSEndpoint = false,
        UseAccelerateEndpoint = false,
        UseArnRegion = false,
        DisableMultiregionAccessPoints = true,
        DisableS3ExpressSessionAuth = true,
        USEast1RegionalEndpointValue = S3UsEast1RegionalEndpointValue.Regional,
        AccountIdEndpointMode = AccountIdEndpointMode.DISABLED,
        DefaultConfigurationMode = DefaultConfigurationMode.Standard,
        AuthSchemePreference = ["sigv4"],
        SigV4aSigningRegionSet = [options.EffectiveRegion],
        RequestMinCompressionSizeBytes = 10_240,
        RetryMode = RequestRetryMode.Standard,
        MaxErrorRetry = 0,

        // Else a connection that breaks is tried ten times more within each attempt, at once and uncounted.
        MaxStaleConnectionRetries = 0,
        DisableClockSkewCorrection = false,
        EndpointDiscoveryEnabled = false,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        DisableRequestCompression = true,
        ClientAppId = "stella-telemetry",
        Timeout = Timeout.InfiniteTimeSpan,
        AllowAutoRedirect = false,
        HttpClientFactory = new Factory(() => CreateHandler(options, connections)),
    });

    private static SocketsHttpHandler CreateHandler(S3Options options, S3Connections connections)
    {
        var handler = connections.CreateHandler();

        // Without a propagator the handler makes no activities: exporting telemetry never produces telemetry.
        handler.ActivityHeadersPropagator = null;
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.PooledConnectionLifetime = s_connectionLifetime;
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = string.IsNullOrEmpty(options.CaFile) ? null : Trusting(options.CaFile),
        };
        return handler;
    }

    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(File.ReadAllText(file));
        }
        catch (CryptographicException e)
        {
            throw new IOException($"'{file}' cannot be read as certificates in PEM", e);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new IOException($"'{file}' holds no certificate in PEM");
    }

    /// <summary>One client for the store's life; it goes with the SDK's client.</summary>
    private sealed class Factory(Func<SocketsHttpHandler> handler) : HttpClientFactory, IDisposable
    {
        private readonly HttpClient _http = new(handler()) { Timeout = Timeout.InfiniteTimeSpan };

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => _http.Dispose();
    }
}
