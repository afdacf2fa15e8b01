using Dapper;
using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>
/// Looks at every live rollout several times a second. One replica at a time does: it holds a lock on the very connection that it writes with, and
/// all that it knows is in the database, so another one, or the next start, goes on where it was.
/// </summary>
internal sealed partial class RolloutDriver(
    NpgsqlDataSource dataSource, DatabaseState database, RolloutStepper stepper, RolloutEnrolment enrolment, AgentPruner pruner, TimeProvider time, ILogger<RolloutDriver> logger)
    : BackgroundService
{
    // "rollout" in ASCII.
    private const long DriverLock = 0x726f6c6c6f7574;
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DriveAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                if (!_failing)
                {
                    Log.StandStill(logger, e.Message);
                }

                _failing = true;
            }

            await Task.Delay(s_again, time, stoppingToken);
        }
    }

    /// <summary>Returns when another replica drives.</summary>
    private async Task DriveAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition($"SELECT pg_try_advisory_lock({DriverLock})", cancellationToken: cancellationToken)))
        {
            return;
        }

        using var timer = new PeriodicTimer(s_period, time);
        do
        {
            var live = await connection.QueryAsync<string>(new CommandDefinition(
                $"SELECT id FROM profile.rollouts WHERE state IN {RolloutTables.Live} ORDER BY id", cancellationToken: cancellationToken));
            foreach (var id in live)
            {
                await stepper.StepAsync(connection, id, cancellationToken);
            }

            await enrolment.EnrolAsync(connection, cancellationToken);
            await pruner.PruneAsync(connection, cancellationToken);
            _failing = false;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RolloutsStandStill, LogLevel.Warning, "Rollouts stand still until PostgreSQL is back: {Reason}")]
        public static partial void StandStill(ILogger logger, string reason);
    }
}
