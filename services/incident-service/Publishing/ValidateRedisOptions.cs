using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace StellaOps.Telemetry.IncidentService.Publishing;

internal sealed class ValidateRedisOptions : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail("ConnectionStrings__redis is unset: set it to host:port of a server that speaks the Redis protocol");
        }

        try
        {
            return ConfigurationOptions.Parse(options.ConnectionString).EndPoints.Count > 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("ConnectionStrings__redis names no server: write host:port");
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail($"ConnectionStrings__redis cannot be read ({e.Message}): write host:port");
        }
    }
}
