using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

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
            using var key = SigningKey.Load(options.KeyFile);
            return ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return ValidateOptionsResult.Fail($"Stella__Identity__KeyFile is '{options.KeyFile}': {e.Message}");
        }
    }
}
