using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>One HTTP client with the credentials it was made with. Goes away when it is out of use and its last request has ended.</summary>
internal sealed class StoreClient
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private int _users;
    private bool _isRetired;

    public StoreClient(OtlpExporterSettings settings, StoreCredentials credentials, EgressDialer dialer)
    {
        (Credentials, Policy) = (credentials, dialer.Policy);
        var handler = dialer.CreateHandler();

        // Without a propagator the handler makes no activities: exporting telemetry never produces telemetry.
        handler.ActivityHeadersPropagator = null;
        handler.ConnectTimeout = settings.Timeout;

        // A store's name may mean other addresses tomorrow.
        handler.PooledConnectionLifetime = s_connectionLifetime;
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = credentials.Authorities is { } authorities ? Trusting(authorities) : null,
            ClientCertificateContext = credentials.Own is { } own ? SslStreamCertificateContext.Create(own, credentials.Intermediates, offline: true) : null,
        };
        Http = new HttpClient(handler) { Timeout = settings.Timeout, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    public HttpClient Http { get; }

    public StoreCredentials Credentials { get; }

    /// <summary>Under which its connections were made.</summary>
    public EgressPolicy Policy { get; }

    public void Enter()
    {
        lock (_lock)
        {
            _users++;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _users--;
            DisposeWhenUnused();
        }
    }

    public void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
            DisposeWhenUnused();
        }
    }

    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private void DisposeWhenUnused()
    {
        if (_isRetired && _users == 0)
        {
            Http.Dispose();
        }
    }
}
