using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>How a target's certificate is judged: without asking a network for anything, since nothing but the dialer may.</summary>
internal static class TrustedAuthorities
{
    /// <param name="caFile">PEM; null: the system's.</param>
    /// <exception cref="IOException">The file is not there, or holds no certificate.</exception>
    public static X509ChainPolicy PolicyOf(string? caFile)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (caFile is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(Read(caFile));
        }

        return policy;
    }

    private static X509Certificate2Collection Read(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new IOException($"'{file}' cannot be read as certificates in PEM", e);
        }

        return certificates.Count > 0 ? certificates : throw new IOException($"'{file}' holds no certificate in PEM");
    }
}
