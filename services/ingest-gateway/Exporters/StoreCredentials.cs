using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What an exporter's files say now: secret headers, authorities, our own certificate. Never shown.</summary>
internal sealed class StoreCredentials
{
    private StoreCredentials(
        byte[] fingerprint, KeyValuePair<string, string>[] headers, X509Certificate2Collection? authorities, X509Certificate2? own, X509Certificate2Collection? intermediates) =>
        (Fingerprint, Headers, Authorities, Own, Intermediates) = (fingerprint, headers, authorities, own, intermediates);

    /// <summary>Of all files, so that a change of any is seen.</summary>
    public byte[] Fingerprint { get; }

    public KeyValuePair<string, string>[] Headers { get; }

    /// <summary>Null: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>Null: none is shown.</summary>
    public X509Certificate2? Own { get; }

    /// <summary>What stands behind our own certificate in its file.</summary>
    public X509Certificate2Collection? Intermediates { get; }

    /// <summary>The hash of all files' content; a file that cannot be read counts as one that says so.</summary>
    public static byte[] FingerprintOf(OtlpExporterSettings settings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in FilesOf(settings))
        {
            try
            {
                var content = File.ReadAllBytes(file);
                hash.AppendData(BitConverter.GetBytes(content.Length));
                hash.AppendData(content);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([0xFF, 0xFF, 0xFF, 0xFF]);
            }
        }

        return hash.GetHashAndReset();
    }

    /// <exception cref="IOException">A file is not there, or does not hold what it should; the message names the file and nothing of its content.</exception>
    public static StoreCredentials Load(OtlpExporterSettings settings)
    {
        var fingerprint = FingerprintOf(settings);
        var headers = settings.HeaderFiles.Select(h => KeyValuePair.Create(h.Key, HeaderOf(h.Value))).ToArray();
        var tls = settings.Tls;
        var authorities = tls.CaFile is { } ca ? CertificatesOf(ca) : null;
        if (tls.CertFile is not { } certificate || tls.KeyFile is not { } key)
        {
            return new StoreCredentials(fingerprint, headers, authorities, null, null);
        }

        var chain = CertificatesOf(certificate);
        try
        {
            var own = X509Certificate2.CreateFromPem(File.ReadAllText(certificate), File.ReadAllText(key));
            chain.RemoveAt(0);
            return new StoreCredentials(fingerprint, headers, authorities, own, chain);
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new IOException($"'{certificate}' and '{key}' are no certificate and its key in PEM", e);
        }
    }

    private static IEnumerable<string> FilesOf(OtlpExporterSettings settings) =>
        settings.HeaderFiles.Values.Concat(new[] { settings.Tls.CaFile, settings.Tls.CertFile, settings.Tls.KeyFile }.OfType<string>());

    private static string HeaderOf(string file)
    {
        try
        {
            var value = File.ReadAllText(file, Encoding.UTF8).Trim();
            return value.Length is > 0 and <= 8192 && value.All(c => c is >= ' ' and <= '~') ? value : throw new IOException($"'{file}' holds no header's value: one line of ASCII");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{file}' may not be read", e);
        }
    }

    private static X509Certificate2Collection CertificatesOf(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(File.ReadAllText(file));
            return certificates.Count > 0 ? certificates : throw new IOException($"'{file}' holds no certificate in PEM");
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new IOException($"'{file}' cannot be read as certificates in PEM", e);
        }
    }
}
