using System.Collections.Concurrent;
using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// A stack under traffic of two tenants while its processes are killed: one is sampled as usual, the other has an incident open, so that every
/// trace of it must be kept, whatever dies.
/// </summary>
internal sealed class KilledTraffic : IAsyncDisposable
{
    private const string Sampled = "steady";
    private const string Watched = "watched";
    private static readonly TimeSpan s_incidentWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_settledWithin = TimeSpan.FromSeconds(30);

    private readonly DateTimeOffset _startedAt = TimeProvider.System.GetUtcNow();
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("stella-kill-");
    private readonly List<(string Tenant, AcknowledgedSender Sender)> _senders = [];
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly ITestOutputHelper _output;
    private RunningStack _stack;
    private string _incident = "";

    private KilledTraffic(RunningStack stack, ITestOutputHelper output)
    {
        _stack = stack;
        _output = output;
    }

    /// <summary>Registers the tenants, opens the incident, and waits until the gateway knows all that.</summary>
    public static async Task<KilledTraffic> PrepareAsync(StackProcess process, ITestOutputHelper output, CancellationToken cancellationToken)
    {
        var traffic = new KilledTraffic(await RunningStack.OpenAsync(process.StateDirectory), output);
        foreach (var name in (string[])[Sampled, Watched])
        {
            var tenant = await traffic._stack.AddTenantAsync(name);
            traffic._keys.Add(name, tenant.IngestKey);
            await tenant.WaitUntilAcceptedAsync(cancellationToken);
        }

        var opened = await traffic._stack.Stella.TelemetryJsonAsync("incident", "start", "--tenant", Watched, "--reason", "things die", "--ttl", "15m");
        traffic._incident = opened.GetProperty("id").GetString()!;
        await Eventually.HoldsAsync(() => traffic.HasIncidentAsync(cancellationToken), s_incidentWithin, "the gateway has the incident");
        return traffic;
    }

    /// <summary>Starts both tenants' traffic.</summary>
    public void Start() => _senders.AddRange(_keys.Select(k => (
        k.Key, AcknowledgedSender.Start(new TenantSender(k.Key, k.Value, _stack.GrpcUrl, _stack.HttpUrl, _stack.Gateway)))));

    /// <summary>Waits until each running sender got this many more batches acknowledged.</summary>
    public Task FlowsAsync(int batches) => Task.WhenAll(_senders.TakeLast(_keys.Count).Select(s => s.Sender.HasSentAsync(batches)));

    /// <summary>Ends the traffic.</summary>
    public Task StopAsync() => Task.WhenAll(_senders.Select(s => s.Sender.StopAsync()));

    /// <summary>Goes over to the stack that another AppHost started on the same state.</summary>
    public async Task MoveToAsync(StackProcess process)
    {
        _stack.Dispose();
        _stack = await RunningStack.OpenAsync(process.StateDirectory);
    }

    /// <summary>The incident was opened before anything was killed; nobody has opened it again since.</summary>
    public async Task AssertIncidentInForceAsync(CancellationToken cancellationToken) =>
        Assert.True(await HasIncidentAsync(cancellationToken), "the gateway does not have the incident any more");

    /// <summary>Finds every acknowledged span, id by id: in a bundle of the whole time, decided, and, where kept, in the archive.</summary>
    public async Task AssertEverythingIsFoundAsync(CancellationToken cancellationToken)
    {
        var to = TimeProvider.System.GetUtcNow();
        foreach (var tenant in _keys.Keys)
        {
            await AssertEverythingIsFoundAsync(tenant, to, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, sender) in _senders)
        {
            await sender.DisposeAsync();
        }

        _stack.Dispose();
        _scratch.Delete(recursive: true);
    }

    private async Task AssertEverythingIsFoundAsync(string tenant, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var senders = _senders.Where(s => s.Tenant == tenant).Select(s => s.Sender).ToList();
        var acknowledged = senders.SelectMany(s => s.Acknowledged).ToHashSet();
        var unanswered = senders.SelectMany(s => s.Unanswered).ToHashSet();
        var refusals = senders.SelectMany(s => s.Refusals).ToList();

        // An SDK gives up for good at such an answer; only "try again" is right for a sender that did nothing wrong.
        Assert.DoesNotContain(refusals, r => (int)r.Key is >= 400 and < 500);

        var bundle = await _stack.CaptureAsync(tenant, _startedAt, to, _scratch.CreateSubdirectory(tenant).FullName);
        var captured = BundleContent.Spans(bundle);
        var logged = captured.ToHashSet();
        Assert.Empty(bundle.Gaps);
        AssertNone(acknowledged.Except(logged), "acknowledged spans that are not in the bundle", acknowledged.Count);
        AssertNone(logged.Except(acknowledged).Except(unanswered), "spans in the bundle that were never sent, or were refused", logged.Count);
        Assert.Equal(logged.Count, captured.Count);

        (long Accepted, long Kept, long SampledOut, long Undecided) ledger = default;
        await Eventually.HoldsAsync(
            async () => (ledger = await LedgerAsync(tenant, cancellationToken)).Undecided == 0, s_settledWithin, $"every span of {tenant} is decided");
        Assert.Equal(logged.Count, ledger.Accepted);
        Assert.Equal(ledger.Accepted, ledger.Kept + ledger.SampledOut);

        var verdicts = await DecisionsAsync(tenant, acknowledged.Select(s => s.TraceId).ToHashSet(StringComparer.Ordinal), cancellationToken);
        AssertNone(verdicts.Where(v => !v.Value.IsDecided).Select(v => (v.Key, v.Value.Decision)), "traces that are not decided", verdicts.Count);
        AssertNone(
            senders.SelectMany(s => s.ErrorTraces).Where(t => !verdicts[t].IsKept).Select(t => (t, verdicts[t].Decision)), "traces with an error that are not kept", verdicts.Count);
        if (tenant == Watched)
        {
            AssertNone(verdicts.Where(v => !v.Value.IsKept).Select(v => (v.Key, v.Value.Decision)), "traces of the incident that are not kept", verdicts.Count);
        }
        else
        {
            Assert.Contains(verdicts.Values, v => !v.IsKept);
        }

        var archive = new ArchivedSpans(_stack.StateDirectory, tenant);
        IReadOnlySet<(string TraceId, string SpanId)> archived = new HashSet<(string, string)>();
        await Eventually.HoldsAsync(
            async () => (archived = await archive.ReadAsync(_startedAt, cancellationToken)).Count >= ledger.Kept,
            s_settledWithin,
            $"the {ledger.Kept} kept spans of {tenant} are in the archive");
        Assert.Equal(ledger.Kept, archived.Count);
        AssertNone(acknowledged.Where(s => verdicts[s.TraceId].IsKept).Except(archived), "kept spans that are not in the archive", archived.Count);
        AssertNone(acknowledged.Where(s => !verdicts[s.TraceId].IsKept).Intersect(archived), "spans in the archive that were sampled out", archived.Count);
        _output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tenant}: {acknowledged.Count} spans acknowledged, all found; {logged.Count - acknowledged.Count} of {unanswered.Count} unanswered are in the log too; kept {ledger.Kept}, sampled out {ledger.SampledOut}; refusals: {string.Join(", ", refusals)}"));
    }

    private async Task<IReadOnlyDictionary<string, TraceVerdict>> DecisionsAsync(string tenant, IEnumerable<string> traces, CancellationToken cancellationToken)
    {
        var asks = new TenantSender(tenant, _keys[tenant], _stack.GrpcUrl, _stack.HttpUrl, _stack.Gateway);
        var verdicts = new ConcurrentDictionary<string, TraceVerdict>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            traces,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (trace, stop) => verdicts[trace] = await asks.WaitForDecisionAsync(trace, TimeSpan.Zero, stop));
        return verdicts;
    }

    private async Task<(long Accepted, long Kept, long SampledOut, long Undecided)> LedgerAsync(string tenant, CancellationToken cancellationToken)
    {
        var ledger = await _stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant), _startedAt, null, cancellationToken);
        var rows = ledger.Rows.Where(r => r.Signal == Signal.Traces).ToList();
        return (rows.Sum(r => r.Accepted), rows.Sum(r => r.Kept), rows.Sum(r => r.SampledOut), rows.Sum(r => r.Undecided));
    }

    private async Task<bool> HasIncidentAsync(CancellationToken cancellationToken) =>
        (await _stack.Gateway.GetSelfAsync(cancellationToken)).ActiveIncidents.Contains(_incident);

    private static void AssertNone<T>(IEnumerable<T> found, string what, int of)
    {
        var all = found.ToList();
        Assert.True(all.Count == 0, $"{what}: {all.Count} of {of}, such as {string.Join(", ", all.Take(3))}");
    }
}
