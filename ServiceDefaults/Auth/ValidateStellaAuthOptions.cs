using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

internal sealed class ValidateStellaAuthOptions : IValidateOptions<StellaAuthOptions>
{
    public ValidateOptionsResult Validate(string? name, StellaAuthOptions options)
    {
        var faults = new List<string>();
        switch (string.IsNullOrWhiteSpace(options.Authority), string.IsNullOrWhiteSpace(options.JwksFile))
        {
            case (true, true):
                faults.Add("Stella__Auth__Authority and Stella__Auth__JwksFile are both unset: set the URL of an OIDC issuer, or the JWKS file of the development issuer");
                break;
            case (false, false):
                faults.Add($"Stella__Auth__Authority is '{options.Authority}' and Stella__Auth__JwksFile is '{options.JwksFile}': set one of them only");
                break;
            case (false, true) when !Uri.TryCreate(options.Authority, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"):
                faults.Add($"Stella__Auth__Authority is '{options.Authority}': it must be an absolute http(s) URL");
                break;
            case (true, false) when !File.Exists(options.JwksFile):
                faults.Add($"Stella__Auth__JwksFile is '{options.JwksFile}': there is no such file");
                break;
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > TimeSpan.FromMinutes(5))
        {
            faults.Add($"Stella__Auth__ClockSkew is '{options.ClockSkew}': it must be between 0 and 5 minutes");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
