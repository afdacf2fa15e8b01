using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

internal sealed class DatabaseHealthCheck(NpgsqlDataSource dataSource, DatabaseState state) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!state.IsMigrated)
        {
            return HealthCheckResult.Unhealthy("not migrated yet");
        }

        try
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException e)
        {
            // What the driver says may hold host names; a probe's answer is public.
            return HealthCheckResult.Unhealthy("not reachable", e);
        }
    }
}
