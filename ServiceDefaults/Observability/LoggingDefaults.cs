using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace StellaOps.Telemetry.ServiceDefaults.Observability;

/// <summary>Log settings below everything else that configures: one line per record, and the frameworks' chatter off.</summary>
internal static class LoggingDefaults
{
    public static IConfigurationSource Source { get; } = new MemoryConfigurationSource
    {
        InitialData = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",

            // Its key ring serves cookies, which nobody here uses.
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",

            // A probe that finds the service not ready is an answer; what waits for what logs its own reason once.
            ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
            ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
            ["Logging:LogLevel:Polly"] = "Warning",
            ["Logging:Console:FormatterName"] = "simple",
            ["Logging:Console:FormatterOptions:SingleLine"] = "true",
            ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
            ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ",
        },
    };
}
