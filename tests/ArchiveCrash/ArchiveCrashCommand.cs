using System.Globalization;

namespace StellaOps.Telemetry.ArchiveCrash;

/// <summary>The crash run as a command: its arguments, and Ctrl-C. With <c>work</c> it is the process that is killed.</summary>
internal static class ArchiveCrashCommand
{
    private const string Usage =
        """
        usage: eng/archive-crash.sh [--kills N] [--seed N]
          --kills N   how often the worker is killed (default 200)
          --seed N    makes the same choices again (default: by the clock; printed)
        """;

    /// <summary>The exit code: 0 only if nothing is missing or wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["work", var folder, var keyFile, var trustFile, var first])
        {
            await new Worker(folder, keyFile, trustFile).RunAsync(ulong.Parse(first, CultureInfo.InvariantCulture));
            return 0;
        }

        var kills = 200;
        var seed = Environment.TickCount & int.MaxValue;
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var isGood = args[i] switch
            {
                "--kills" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out kills) && kills > 0,
                "--seed" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
            if (!isGood)
            {
                await Console.Error.WriteLineAsync(Usage);
                return 2;
            }
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        return await new ArchiveCrashRun(kills, seed).RunAsync(stop.Token) ? 0 : 1;
    }
}
