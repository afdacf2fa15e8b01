using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.CaptureWorker.Signing;

/// <summary>Signs finished bundles as the configuration says. The key is read for each: one that was rotated signs from the next bundle on.</summary>
internal sealed partial class EvidenceSigner(HttpTimestampClient timestamps, IOptions<CaptureFilesOptions> files, ILogger<EvidenceSigner> logger)
{
    /// <summary>Signs.</summary>
    /// <param name="gaps">Takes what the signature lacks.</param>
    public async Task SignAsync(CaptureJob job, string folder, WrittenBundle bundle, ReadOnlyMemory<byte> provenance, List<string> gaps, CancellationToken cancellationToken)
    {
        var options = files.Value.Signing;
        using var key = CosignKey.Load(options.KeyFile!, options.PasswordFile!);
        using var certificate = options.CertificateFile is { } file ? X509CertificateLoader.LoadCertificateFromFile(file) : null;
        var timestamper = options.Tsa.Url is null ? null : new Timestamper(timestamps, [options.Tsa.Load()]);
        try
        {
            await BundleSigner.SignAsync(folder, bundle, provenance, SignerOf(key, certificate, timestamper), cancellationToken);
        }
        catch (TimestampException e) when (options.Tsa.WhenDown == TsaOutage.SignWithoutTime)
        {
            Log.WithoutTime(logger, job.Id, e.Message);
            gaps.Add($"the signature bears no trusted time: {e.Message}");
            await BundleSigner.SignAsync(folder, bundle, provenance, SignerOf(key, certificate, null), cancellationToken);
        }
    }

    private static SigstoreSigner SignerOf(SigningKey key, X509Certificate2? certificate, Timestamper? timestamper)
    {
        try
        {
            return new SigstoreSigner(key, certificate, timestamper);
        }
        catch (CryptographicException e)
        {
            throw new CaptureFailedException($"Stella__Signing__CertificateFile: {e.Message}", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignedWithoutTime, LogLevel.Warning, "capture {Id}: signed without a trusted time: {Reason}")]
        public static partial void WithoutTime(ILogger logger, string id, string reason);
    }
}
