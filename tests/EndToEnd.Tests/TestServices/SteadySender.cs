using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests.TestServices;

/// <summary>A good tenant whose services send without a pause, by gRPC and by HTTP, while something else happens.</summary>
internal sealed class SteadySender : IAsyncDisposable
{
    private const int RequestsPerRound = 5;
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(50);

    private readonly RunningStack _stack;
    private readonly TenantSender _tenant;
    private readonly SdkWorkload[] _workloads;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<SentTrace> _sent = [];
    private readonly Task _sending;

    private SteadySender(RunningStack stack, TenantSender tenant)
    {
        _stack = stack;
        _tenant = tenant;
        _workloads = [tenant.StartWorkload("steady", OtlpExportProtocol.Grpc), tenant.StartWorkload("steady", OtlpExportProtocol.HttpProtobuf)];
        _sending = SendAsync();
    }

    /// <summary>Starts sending.</summary>
    public static SteadySender Start(RunningStack stack, TenantSender tenant) => new(stack, tenant);

    /// <summary>Stops sending; all traces, each of them acknowledged.</summary>
    public async Task<IReadOnlyList<SentTrace>> StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        foreach (var workload in _workloads)
        {
            workload.FlushAll();
        }

        return _sent;
    }

    /// <summary>Stops sending, and fails the test unless every span was taken at the first attempt and stands in the ledger, none of them twice.</summary>
    public async Task AssertUndisturbedAsync(CancellationToken cancellationToken)
    {
        var sent = await StopAsync();
        Assert.NotEmpty(sent);
        Assert.Equal(0, _workloads.Sum(w => w.FailedSpans));
        var acknowledged = _workloads.SelectMany(w => w.AcknowledgedSpansByTrace).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);
        Assert.All(sent, t => Assert.Equal(t.Spans, acknowledged.GetValueOrDefault(t.TraceId)));
        var expected = _tenant.AcknowledgedSpans;
        await Eventually.HoldsAsync(async () => await AcceptedAsync(cancellationToken) >= expected, TimeSpan.FromSeconds(20), $"the ledger has {expected} spans of {_tenant.Name}");
        Assert.Equal(expected, await AcceptedAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        foreach (var workload in _workloads)
        {
            workload.Dispose();
        }

        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(s_pace);
        try
        {
            do
            {
                foreach (var workload in _workloads)
                {
                    _sent.AddRange(workload.Serve(RequestsPerRound, errorEvery: 0));
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task<long> AcceptedAsync(CancellationToken cancellationToken)
    {
        var ledger = await _stack.Gateway.GetLedgerAsync(TenantId.Parse(_tenant.Name), null, null, cancellationToken);
        return ledger.Rows.Where(r => r.Signal == Contracts.Signal.Traces).Sum(r => r.Accepted);
    }
}
