using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.IngestKeys;

/// <summary>Registers the tenant of the stack's own telemetry and its key, once the database is there.</summary>
internal sealed partial class SystemTenantSeed(
    DatabaseState database, IngestKeyStore keys, IOptions<BootstrapOptions> options, TimeProvider time, ILogger<SystemTenantSeed> logger) : BackgroundService
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        var secret = options.Value.SystemIngestKeyFile is { Length: > 0 } file ? (await File.ReadAllTextAsync(file, stoppingToken)).Trim() : null;
        while (true)
        {
            try
            {
                await keys.SeedSystemAsync(secret, stoppingToken);
                Log.Seeded(logger);
                return;
            }
            catch (NpgsqlException)
            {
                // The database went away again: the health check says so.
                await Task.Delay(s_again, time, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SystemTenantSeeded, LogLevel.Information, "The system tenant is registered")]
        public static partial void Seeded(ILogger logger);
    }
}
