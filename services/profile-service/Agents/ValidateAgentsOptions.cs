using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Agents;

internal sealed class ValidateAgentsOptions : IValidateOptions<AgentsOptions>
{
    // Far longer than this process remembers by itself whom it has not heard of, and longer than a machine is away for the night.
    private static readonly TimeSpan s_least = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_most = TimeSpan.FromDays(3650);

    public ValidateOptionsResult Validate(string? name, AgentsOptions options) => options.ForgetAfter < s_least || options.ForgetAfter > s_most
        ? ValidateOptionsResult.Fail($"Stella__Agents__ForgetAfter {options.ForgetAfter} is not 1 day to 10 years: set 30.00:00:00 for 30 days")
        : ValidateOptionsResult.Success;
}
