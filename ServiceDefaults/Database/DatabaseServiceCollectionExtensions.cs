using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>PostgreSQL for a service that owns a schema.</summary>
public static class DatabaseServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="NpgsqlDataSource"/>, migrates <paramref name="schema"/> from the calling assembly's embedded <c>Migrations/*.sql</c> at start, and
    /// registers <see cref="AuditLog"/>, <see cref="AuditReader"/> and <see cref="Idempotency"/>.
    /// </summary>
    public static WebApplicationBuilder AddStellaDatabase(this WebApplicationBuilder builder, string schema, Assembly scripts)
    {
        builder.Services.AddOptions<StellaDatabaseOptions>()
            .Configure<IConfiguration>((o, configuration) => o.ConnectionString = configuration.GetConnectionString("telemetry"))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StellaDatabaseOptions>, ValidateStellaDatabaseOptions>();
        builder.Services.AddSingleton(CreateDataSource);
        builder.Services.AddSingleton(new DatabaseSchema(schema, scripts));
        builder.Services.AddSingleton<DatabaseMigrator>();
        builder.Services.AddSingleton<DatabaseState>();
        builder.Services.AddSingleton<ChannelWatch>();
        builder.Services.AddHostedService<DatabaseStartup>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("postgres");
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<AuditReader>();
        builder.Services.AddSingleton<Idempotency>();
        return builder;
    }

    private static NpgsqlDataSource CreateDataSource(IServiceProvider services)
    {
        var settings = new NpgsqlConnectionStringBuilder(services.GetRequiredService<IOptions<StellaDatabaseOptions>>().Value.ConnectionString)
        {
            ApplicationName = services.GetRequiredService<StellaServiceDefaultsOptions>().ServiceName,
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);

        // Statements of a request belong to its trace. What loops in the background has none, and would make a trace of each look at the clock.
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandFilter(_ => Activity.Current is not null)
            .ConfigureBatchFilter(_ => Activity.Current is not null));
        return builder.Build();
    }
}
