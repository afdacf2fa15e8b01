using System.Diagnostics;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>The running stack, or one started on free ports.</summary>
internal sealed class StackStep : IStoryStep
{
    public string Name => "stack";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        var state = context.RequestedState ?? Path.GetFullPath(".stella");
        var clock = Stopwatch.StartNew();
        if (!IsRunning(state))
        {
            StoryException.ThrowUnless(context.RequestedState is null, $"no stack runs in {state}: start it with ./run.sh, or leave --state out");
            context.OwnStack = await StackProcess.StartAsync();
            state = context.OwnStack.StateDirectory;
        }

        context.Stack = await RunningStack.OpenAsync(state);
        var status = await context.Stack.Gateway.GetSelfAsync(cancellationToken);
        var started = context.OwnStack is null ? "found running" : $"started on free ports, ready after {clock.Elapsed.TotalSeconds:F1} s";
        return $"{started}: profile {status.Profile}, redaction {status.RedactionPolicy}, durability {status.Durability}";
    }

    private static bool IsRunning(string state)
    {
        var file = Path.Combine(state, "endpoints.json");
        return File.Exists(file)
            && JsonSerializer.Deserialize(File.ReadAllBytes(file), ContractsJson.Default.EndpointsDocument) is { } endpoints
            && Directory.Exists($"/proc/{endpoints.ProcessId}");
    }
}
