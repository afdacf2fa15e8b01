using Microsoft.Extensions.Options;
using Npgsql;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

internal sealed class ValidateStellaDatabaseOptions : IValidateOptions<StellaDatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, StellaDatabaseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail("ConnectionStrings__telemetry is unset: set the connection string of PostgreSQL, Host=...;Database=...;Username=...");
        }

        try
        {
            return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(options.ConnectionString).Host)
                ? ValidateOptionsResult.Fail("ConnectionStrings__telemetry names no Host: add Host=<name or socket folder>")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            // The value is not repeated: it may hold a password.
            return ValidateOptionsResult.Fail($"ConnectionStrings__telemetry is no PostgreSQL connection string ({e.Message}): write it as Host=...;Database=...;Username=...");
        }
    }
}
