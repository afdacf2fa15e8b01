using System.Globalization;

namespace StellaOps.Telemetry.Crash;

/// <summary>The crash run as a command: its arguments, and Ctrl-C.</summary>
internal static class CrashCommand
{
    private const string Usage =
        """
        usage: eng/crash.sh [--kills N] [--seed N] [--durability write|fsync] [--archive folder|s3]
          --kills N       how often the gateway is killed (default 200)
          --seed N        makes the same choices again (default: by the clock; printed)
          --durability D  what the profile says (default write)
          --archive A     where the archive lives (default folder); s3: a server behind a proxy that breaks one request in seven
        """;

    /// <summary>The exit code: 0 only if no acknowledged record is missing.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var kills = 200;
        var seed = Environment.TickCount & int.MaxValue;
        var durability = "write";
        var archive = "folder";
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var isGood = args[i] switch
            {
                "--kills" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out kills) && kills > 0,
                "--seed" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                "--durability" => (durability = value) is "write" or "fsync",
                "--archive" => (archive = value) is "folder" or "s3",
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
        return await new CrashRun(kills, seed, durability, archive == "s3").RunAsync(stop.Token) ? 0 : 1;
    }
}
