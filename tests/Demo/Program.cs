using StellaOps.Telemetry.Demo;

if (args is ["--help" or "-h"])
{
    Console.WriteLine("usage: ./run.sh demo [--state DIR]   DIR: the .stella folder of a running stack (default: ./.stella when a stack runs there, else one of the demo's own)");
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
