using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests;

/// <summary>An agent that runs until the test ends.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningAgent(OpAmpAgent agent, RecordingHandler handler, FakeTimeProvider time)
    {
        (Agent, Handler, Time) = (agent, handler, time);
        _running = Task.Run(() => agent.RunAsync(_stop.Token));
    }

    public OpAmpAgent Agent { get; }

    public RecordingHandler Handler { get; }

    public FakeTimeProvider Time { get; }

    public static OpAmpAgentOptions Options(string scheme) => new()
    {
        Endpoint = new Uri($"{scheme}://opamp.test{KnownOpAmp.Path}"),
        InstanceUid = TestAgents.Uid(1),
        Capabilities = TestAgents.Capabilities,
    };

    public static RunningAgent Start(HttpMessageInvoker http, OpAmpAgentOptions options, RecordingHandler? handler = null)
    {
        var (used, time) = (handler ?? new RecordingHandler(), new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)));
        var agent = new OpAmpAgent(options, TestAgents.Description("agent"), used, http, time, NullLogger.Instance);
        agent.Report(new ComponentHealth { Healthy = true });
        agent.Report(new EffectiveConfig { ConfigMap = TestAgents.Files("running: none") });
        return new RunningAgent(agent, used, time);
    }

    /// <summary>Lets its clock run, a second at a time, until the condition holds.</summary>
    public async Task AdvanceUntilAsync(Func<bool> condition, string what) => await Eventually.HoldsAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            Time.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        Patience,
        what);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
