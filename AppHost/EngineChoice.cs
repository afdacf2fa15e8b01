using System.Reflection;
using StellaOps.Telemetry.AppHost.Local;
using StellaOps.Telemetry.AppHost.Local.Processes;

namespace StellaOps.Telemetry.AppHost;

/// <summary>Which engine runs, and why: decided when this program was built, said in its first line.</summary>
internal static class EngineChoice
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(LocalOptions.Usage);
            return 0;
        }

        var reason = typeof(EngineChoice).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "EngineReason").Value;
        var console = LogConsole.ForStandardOutput();
        try
        {
#if ASPIRE
            if (!args.Contains("--local"))
            {
                console.Line($"engine: aspire, because {reason}; --local runs without it");
                await Aspire.AspireEngine.RunAsync(args);
                return 0;
            }

            reason = "--local asks for it";
#else
            if (args.Contains("--aspire"))
            {
                console.Line($"AppHost: --aspire asks for the Aspire engine, which is not built in because {reason}; build with -p:UseAspire=true where Aspire's packages restore");
                return 1;
            }
#endif
            console.Line($"engine: local, because {reason}; ./run.sh --aspire to require Aspire");
            return await new LocalEngine(LocalOptions.Parse(args), console, TimeProvider.System).RunAsync();
        }
        catch (LocalEngineException e)
        {
            console.Line("AppHost: " + e.Message);
            return 2;
        }
    }
}
