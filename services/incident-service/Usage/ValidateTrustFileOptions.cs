using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IncidentService.Usage;

internal sealed class ValidateTrustFileOptions : IValidateOptions<TrustFileOptions>
{
    public ValidateOptionsResult Validate(string? name, TrustFileOptions options) =>
        string.IsNullOrWhiteSpace(options.File) ? ValidateOptionsResult.Fail($"{KnownEnvironment.TrustFile} is unset: name the trust file, which says whose reports count")
        : !File.Exists(options.File) ? ValidateOptionsResult.Fail($"{KnownEnvironment.TrustFile} is '{options.File}', which is not there: name the trust file")
        : ValidateOptionsResult.Success;
}
