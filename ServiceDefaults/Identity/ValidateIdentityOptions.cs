using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Identity;

internal sealed class ValidateIdentityOptions : IValidateOptions<IdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.KeyFile))
        {
            return ValidateOptionsResult.Fail("Stella__Identity__KeyFile is unset: set the file of this service's private key (P-256, PKCS#8 PEM)");
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(options.KeyFile));
            key.ExportParameters(includePrivateParameters: true);
            return key.KeySize == 256
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Stella__Identity__KeyFile is '{options.KeyFile}': its key has {key.KeySize} bits, a P-256 key is needed");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return ValidateOptionsResult.Fail($"Stella__Identity__KeyFile is '{options.KeyFile}': {e.Message}");
        }
    }
}
