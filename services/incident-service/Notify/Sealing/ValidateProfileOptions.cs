using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>A profile that cannot be read stops the start: nobody could say whether the site is sealed.</summary>
internal sealed class ValidateProfileOptions : IValidateOptions<ProfileOptions>
{
    public ValidateOptionsResult Validate(string? name, ProfileOptions options)
    {
        var faults = new List<string>();
        new SealedProfileSource(options.Path, options.Overlay).Load(faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
