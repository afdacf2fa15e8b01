using System.Diagnostics;
using OpenTelemetry.Exporter;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>The incident is closed and sampling is what it was.</summary>
internal sealed class RevertStep : IStoryStep
{
    private const int Requests = 600;

    public string Name => "revert";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        await context.Stack.Stella.TelemetryJsonAsync("incident", "stop", context.IncidentId, "--now");
        var answered = Stopwatch.GetTimestamp();
        while ((await context.Stack.Gateway.GetSelfAsync(cancellationToken)).ActiveIncidents.Contains(context.IncidentId))
        {
            StoryException.ThrowUnless(Stopwatch.GetElapsedTime(answered) < TimeSpan.FromSeconds(5), "the gateway still holds the incident 5 s after its end");
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }

        var reverted = Stopwatch.GetElapsedTime(answered);
        using var acme = context.Acme.Sender.StartWorkload("shop", OtlpExportProtocol.Grpc);
        var traces = acme.Serve(Requests, errorEvery: 20);
        acme.FlushAll();
        var judged = SamplingStep.Judge(context.Acme.Name, traces, await context.Acme.Sender.DecisionsAsync(traces, cancellationToken));
        return $"closed; the gateway reverted {reverted.TotalMilliseconds:F0} ms after the answer; {context.Acme.Name} {judged}";
    }
}
