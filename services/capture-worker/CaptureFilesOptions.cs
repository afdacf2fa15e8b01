using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Signing;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker;

/// <summary>The files and folders that other processes are wired with too (KnownEnvironment); section <c>Stella</c>.</summary>
internal sealed class CaptureFilesOptions
{
    public const string Section = "Stella";

    public ArchiveOptions Archive { get; set; } = new();

    public SiteProfileOptions Profile { get; set; } = new();

    public KeyOptions Identity { get; set; } = new();

    public FileOptions Trust { get; set; } = new();

    public SigningOptions Signing { get; set; } = new();

    /// <summary>A file.</summary>
    public sealed class FileOptions
    {
        public string? File { get; set; }
    }

    /// <summary>A private key in the clear.</summary>
    public sealed class KeyOptions
    {
        public string? KeyFile { get; set; }
    }

    /// <summary>A private key in cosign's format, and the file with its password.</summary>
    public sealed class SigningOptions
    {
        public string? KeyFile { get; set; }

        public string? PasswordFile { get; set; }

        /// <summary>Certificate of that key by one's own authority (PEM or DER), to sign as whom it names; unset: by the key alone.</summary>
        public string? CertificateFile { get; set; }

        /// <summary>Where the time of signatures comes from.</summary>
        public TsaOptions Tsa { get; set; } = new();
    }

    /// <summary>All faults at once.</summary>
    public sealed class Validator : IValidateOptions<CaptureFilesOptions>
    {
        public ValidateOptionsResult Validate(string? name, CaptureFilesOptions options)
        {
            var faults = options.Archive.Faults().ToList();
            if (faults.Count == 0 && options.Profile.ToSource().LoadPolicy([]) is { } policy)
            {
                // What is wrong with the profile itself is said by who reads it.
                faults.AddRange(options.Archive.FaultsOfSeal(policy.Allows));
            }

            RequireFile("Stella__Identity__KeyFile", options.Identity.KeyFile, "this service's private key (P-256, PKCS#8 PEM)");
            RequireFile("Stella__Trust__File", options.Trust.File, "the trust file");
            RequireFile("Stella__Signing__KeyFile", options.Signing.KeyFile, "the evidence signing key in cosign's format");
            RequireFile("Stella__Signing__PasswordFile", options.Signing.PasswordFile, "the file with the signing key's password");
            options.Signing.Tsa.Judge(faults);
            if (options.Signing.CertificateFile is { } certificate)
            {
                RequireFile("Stella__Signing__CertificateFile", certificate, "the signing key's certificate");
                if (options.Signing.Tsa is { Url: null } or { WhenDown: TsaOutage.SignWithoutTime })
                {
                    faults.Add("Stella__Signing__CertificateFile needs Stella__Signing__Tsa__Url, and Stella__Signing__Tsa__WhenDown 'Fail':"
                        + " a certificate's signature without a trusted time proves nothing");
                }
            }

            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

            void RequireFile(string key, string? path, string what)
            {
                if (!System.IO.File.Exists(path))
                {
                    faults.Add($"{key} is '{path}', where no file is: name {what}");
                }
            }
        }
    }
}
