using System.Diagnostics;
using System.Globalization;
using OpenTelemetry.Exporter;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>An incident for one tenant: within a second its traces are kept whole, the other tenant's are not.</summary>
internal sealed class IncidentStep : IStoryStep
{
    private const int Requests = 300;
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(1);

    public string Name => "incident";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        using var acme = context.Acme.Sender.StartWorkload("shop", OtlpExportProtocol.Grpc);
        using var globex = context.Globex.Sender.StartWorkload("shop", OtlpExportProtocol.HttpProtobuf);

        // Still undecided when the incident opens: it has to flush them.
        var buffered = acme.Serve(50, errorEvery: 0);
        acme.FlushAll();

        var opened = await context.Stack.Stella.TelemetryJsonAsync(
            "incident", "start", "--tenant", context.Acme.Name, "--reason", "checkout fails", "--ttl", "15m", "--cooldown", "5m");
        var answered = Stopwatch.GetTimestamp();
        context.IncidentId = opened.GetProperty("id").GetString()!;
        foreach (var trace in buffered)
        {
            await context.Acme.Sender.WaitForDecisionAsync(trace.TraceId, s_bound, cancellationToken);
        }

        var flushed = Stopwatch.GetElapsedTime(answered);
        StoryException.ThrowUnless(flushed < s_bound, $"buffered traces were decided only {flushed.TotalMilliseconds:F0} ms after the answer");
        var flushedTraces = await context.Acme.Sender.DecisionsAsync(buffered, cancellationToken);
        StoryException.ThrowUnless(flushedTraces.Values.All(v => v.IsKept), $"of the traces still buffered, {flushedTraces.Values.Count(v => !v.IsKept)} of {buffered.Count} were not kept");

        var during = acme.Serve(Requests, errorEvery: 0);
        var others = globex.Serve(Requests, errorEvery: 0);
        acme.FlushAll();
        globex.FlushAll();
        context.CaptureTo = TimeProvider.System.GetUtcNow();
        context.Acme.AcknowledgedUntilCapture = context.Acme.Sender.AcknowledgedSpans;
        var kept = (await context.Acme.Sender.DecisionsAsync(during, cancellationToken)).Values.Count(v => v.IsKept);
        StoryException.ThrowUnless(kept == Requests, $"{context.Acme.Name}: {kept} of {Requests} traces were kept during its incident");
        var others10 = SamplingStep.Judge(context.Globex.Name, others, await context.Globex.Sender.DecisionsAsync(others, cancellationToken));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"raised in {flushed.TotalMilliseconds:F0} ms after the answer, {buffered.Count} buffered traces flushed; {context.Acme.Name} kept {kept}/{Requests}; {context.Globex.Name} {others10}");
    }
}
