using Microsoft.Extensions.Options;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>A profile that cannot be read stops the start: nobody could say whether the site is sealed.</summary>
internal sealed class ValidateProfileOptions : IValidateOptions<SiteProfileOptions>
{
    public ValidateOptionsResult Validate(string? name, SiteProfileOptions options)
    {
        var faults = new List<string>();
        SealedPolicy.Load(new SiteProfileSource(options.Path, options.Overlay), faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
