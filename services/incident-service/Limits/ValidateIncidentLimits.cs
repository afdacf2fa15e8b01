using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.IncidentService.Limits;

internal sealed class ValidateIncidentLimits : IValidateOptions<IncidentLimits>
{
    public ValidateOptionsResult Validate(string? name, IncidentLimits options)
    {
        List<string> faults = [];
        Check(options.MaxRaisedPerTenant, nameof(options.MaxRaisedPerTenant));
        Check(options.MaxRaised, nameof(options.MaxRaised));
        Check(options.MaxExtraSpansPerSecondPerTenant, nameof(options.MaxExtraSpansPerSecondPerTenant));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(long value, string key)
        {
            if (value < 1)
            {
                faults.Add($"{IncidentLimits.Section}:{key} is {value}: set it to 1 or more");
            }
        }
    }
}
