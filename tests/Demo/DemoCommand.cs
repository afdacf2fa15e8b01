namespace StellaOps.Telemetry.Demo;

/// <summary>The demo as a command: its arguments, and Ctrl-C.</summary>
internal static class DemoCommand
{
    private const string Usage = "usage: ./run.sh demo [--state DIR]   DIR: the .stella folder of a running stack (default: ./.stella when a stack runs there, else one of the demo's own)";

    /// <summary>The exit code: 0 only if every step held.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var context = new StoryContext(args is ["--state", var state] ? Path.GetFullPath(state) : null);
        return await Story.RunAsync(context, stop.Token);
    }
}
