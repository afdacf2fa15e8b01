using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.ProfileService.Trust;

internal sealed class ValidateTrustOptions : IValidateOptions<TrustOptions>
{
    public ValidateOptionsResult Validate(string? name, TrustOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.File))
        {
            return ValidateOptionsResult.Fail("Stella__Trust__File is unset: set the trust file that says whose keys may sign profiles");
        }

        try
        {
            TrustStore.Load(options.File);
            return ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return ValidateOptionsResult.Fail($"Stella__Trust__File is '{options.File}': {e.Message}");
        }
    }
}
