using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Trust;

internal sealed class ValidateTrustOptions : IValidateOptions<TrustOptions>
{
    public ValidateOptionsResult Validate(string? name, TrustOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.File))
        {
            return ValidateOptionsResult.Fail("Stella__Trust__File is unset: set the trust file that says whose keys may sign profiles");
        }

        return TrustModel.TryLoad(options.File, out _, out var why)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Stella__Trust__File is '{options.File}': {why}");
    }
}
