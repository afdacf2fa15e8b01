using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.Notify.Targets;

namespace StellaOps.Telemetry.IncidentService.Notify;

/// <summary>Judges the options and the document that they name, so that what is wrong stops the start.</summary>
internal sealed class ValidateNotifyOptions : IValidateOptions<NotifyOptions>
{
    public ValidateOptionsResult Validate(string? name, NotifyOptions options)
    {
        var faults = new List<string>();
        if (options.MaxPerTarget is < 1 or > 64)
        {
            faults.Add($"Stella__Notify__MaxPerTarget '{options.MaxPerTarget}' is not 1 to 64: 4 will do");
        }

        if (options.LeaseMargin < TimeSpan.FromMilliseconds(100) || options.LeaseMargin > TimeSpan.FromMinutes(10))
        {
            faults.Add($"Stella__Notify__LeaseMargin '{options.LeaseMargin}' is not 00:00:00.1 to 00:10:00: 00:00:10 will do");
        }

        new TargetsFile(options.File).Load(faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
