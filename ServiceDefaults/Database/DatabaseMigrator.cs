using System.Reflection;
using DbUp;
using DbUp.Engine.Output;
using DbUp.Postgresql;
using Npgsql;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>
/// Brings the schemas up to date: first <c>audit</c>, then the service's own. Every service and every replica may do this at the same time:
/// one advisory lock lets them pass one by one.
/// </summary>
public sealed class DatabaseMigrator(NpgsqlDataSource dataSource, DatabaseSchema schema)
{
    // Any constant will do as long as it stays the same in every version: "stella" in ASCII.
    private const long MigrationLock = 0x7374656c6c61;

    /// <summary>Migrates; throws what PostgreSQL says when it cannot.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = 120 })
        {
            take.Parameters.AddWithValue(MigrationLock);
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        await Task.Run(() => Upgrade(typeof(DatabaseMigrator).Assembly, "audit"), cancellationToken);
        await Task.Run(() => Upgrade(schema.Scripts, schema.Name), cancellationToken);

        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection);
        release.Parameters.AddWithValue(MigrationLock);
        await release.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Upgrade(Assembly scripts, string name)
    {
        using (var create = dataSource.CreateCommand($"CREATE SCHEMA IF NOT EXISTS {name}"))
        {
            create.ExecuteNonQuery();
        }

        var result = DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(dataSource))
            .WithScriptsEmbeddedInAssembly(scripts, s => s.EndsWith(".sql", StringComparison.Ordinal))
            .WithVariablesDisabled()
            .WithTransactionPerScript()
            .JournalToPostgresqlTable(name, "schema_versions")
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"migration {result.ErrorScript?.Name} of schema {name} failed", result.Error);
        }
    }
}
