using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Identity;

namespace StellaOps.Telemetry.CaptureWorker.Signing;

/// <summary>Where the time of signatures comes from; section <c>Stella:Signing:Tsa</c>.</summary>
internal sealed class TsaOptions
{
    /// <summary>A timestamp authority (RFC 3161 over HTTP); unset: signatures bear no time.</summary>
    public Uri? Url { get; set; }

    /// <summary>Its chain (PEM): the leaf first, which is pinned, the self-signed root last. An answer by anybody else is none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>What becomes of a capture while it gives no time.</summary>
    public TsaOutage WhenDown { get; set; } = TsaOutage.SignWithoutTime;

    /// <summary>How long one question may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Times that it is asked.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>Adds every fault, with its key and the fix.</summary>
    public void Judge(List<string> faults)
    {
        const string Section = "Stella__Signing__Tsa__";
        if (Url is null)
        {
            if (CertificateFile is not null)
            {
                faults.Add($"{Section}CertificateFile is '{CertificateFile}', and {Section}Url is not set: name the authority, or neither");
            }

            return;
        }

        if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https"))
        {
            faults.Add($"{Section}Url is '{Url}': name an address with http or https");
        }

        if (!File.Exists(CertificateFile))
        {
            faults.Add($"{Section}CertificateFile is '{CertificateFile}', where no file is: name the authority's chain (PEM), without which its answers cannot be judged");
        }
        else
        {
            try
            {
                Load();
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                faults.Add($"{Section}CertificateFile is '{CertificateFile}': {e.Message}");
            }
        }

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(5))
        {
            faults.Add($"{Section}Timeout is '{Timeout}': take more than 0 and at most 5 minutes");
        }

        if (Attempts is < 1 or > 20)
        {
            faults.Add($"{Section}Attempts is '{Attempts}': take 1 to 20");
        }

        if (!Enum.IsDefined(WhenDown))
        {
            faults.Add($"{Section}WhenDown is '{WhenDown}': take {nameof(TsaOutage.SignWithoutTime)} or {nameof(TsaOutage.Fail)}");
        }
    }

    /// <summary>The authority's chain.</summary>
    public AuthorityChain Load() => AuthorityChain.FromPem(Url!.Host, File.ReadAllText(CertificateFile!));
}

/// <summary>What becomes of a capture while the timestamp authority gives no time.</summary>
internal enum TsaOutage
{
    /// <summary>It is signed without one, which is a named gap: evidence first.</summary>
    SignWithoutTime,

    /// <summary>The attempt fails, and is made again as others are.</summary>
    Fail,
}
