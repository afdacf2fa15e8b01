using System.Globalization;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.Sending;
using StellaOps.Telemetry.Replay.State;
using StellaOps.Telemetry.Replay.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Evidence;

namespace StellaOps.Telemetry.Replay.Tests;

public sealed class ReplayEngineTests : IAsyncLifetime
{
    private const long Hour = 3_600_000_000_000;
    private SampleBundle _bundle = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bundle = await SampleBundle.CreateAsync(spans: 12, points: 11, logs: 10);

    public ValueTask DisposeAsync()
    {
        _bundle.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Run_ToItsEnd_SendsTheBundlesBytesInItsOrder()
    {
        var sender = new ScriptedSender();

        var result = await RunAsync(sender, Job());

        Assert.Equal(await BytesAsync(), sender.Taken.SelectMany(t => t.Request));
        Assert.Equal(Enumerable.Range(0, 9).Select(i => new ReplayMark(result.State.ReplayId, i)), sender.Sent.Select(s => s.Mark));
        Assert.Equal(
            [new ReplaySignalState(Signal.Traces, 12, 12, 0), new ReplaySignalState(Signal.Metrics, 11, 11, 0), new ReplaySignalState(Signal.Logs, 10, 10, 0)],
            result.State.Signals);
        Assert.False(result.WasResumed);
        Assert.NotNull(result.State.FinishedAt);
    }

    /// <summary>At each batch, before the endpoint took it and after: as the death of the process would cut it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_CutAtEveryBatch_GoesOnAsTheSameReplayAndSendsEachRecordOnce(bool isTaken)
    {
        var sender = new ScriptedSender();
        var cut = new HashSet<long>();
        ReplayAnswer? Cut(ReplayMark mark) => cut.Add(mark.Ordinal) ? throw new InvalidOperationException("cut") : null;
        if (isTaken)
        {
            sender.OnTaken = mark => Cut(mark);
        }
        else
        {
            sender.Before = Cut;
        }

        var ids = new HashSet<string>();
        for (var i = 0; i < 9; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(sender, Job()));
            ids.Add(sender.Sent[^1].Mark.ReplayId);
        }

        var last = await RunAsync(sender, Job());

        Assert.Equal(last.State.ReplayId, Assert.Single(ids));
        Assert.True(last.WasResumed);
        Assert.Equal(18, sender.Sent.Count);
        Assert.Equal(await BytesAsync(), sender.Taken.SelectMany(t => t.Request));
        Assert.Equal(33, last.State.Signals.Sum(s => s.Accepted));
    }

    [Fact]
    public async Task Run_GoesOnWithAnotherPace_CutsAsItBegan()
    {
        var sender = new ScriptedSender { Before = mark => mark.Ordinal == 2 ? new ReplayAnswer(ReplayOutcome.Refused, "http 400", "no") : null };
        await Assert.ThrowsAsync<ReplayException>(() => RunAsync(sender, Job()));
        sender.Before = _ => null;

        await RunAsync(sender, Job() with { Batching = new ReplayBatching(1), Pace = new ReplayPace(10_000) });

        Assert.Equal(await BytesAsync(), sender.Taken.SelectMany(t => t.Request));
        Assert.Equal(9, sender.Taken.Count());
    }

    [Fact]
    public async Task Run_UnderAnotherSubjectsState_IsRefusedAndSendsNothing()
    {
        var subject = Job().Subject;
        await RunAsync(new ScriptedSender(), Job());
        foreach (var (other, named) in new[]
        {
            (subject with { ArchiveHash = "ff" }, "another bundle"),
            (subject with { Endpoint = "http://other/" }, "http://here/"),
            (subject with { Protocol = "grpc" }, "by http"),
            (subject with { Tenant = "globex" }, "'sealed'"),
            (subject with { Shift = "now" }, "shifted by 'nothing'"),
            (subject with { IsUnmarked = true }, "other marks"),
        })
        {
            var sender = new ScriptedSender();

            var refused = await Assert.ThrowsAsync<ReplayException>(() => RunAsync(sender, Job() with { Subject = other }));

            Assert.Equal(ReplayFault.StateOfAnother, refused.Fault);
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
            Assert.Empty(sender.Sent);
        }

        var anew = new ScriptedSender();
        await RunAsync(anew, Job() with { Subject = subject with { Tenant = "globex" } }, restart: true);
        Assert.Equal(9, anew.Sent.Count);
    }

    [Fact]
    public async Task Run_Finished_SendsNothingAgain()
    {
        var first = await RunAsync(new ScriptedSender(), Job());
        var sender = new ScriptedSender();

        var again = await RunAsync(sender, Job());

        Assert.Empty(sender.Sent);
        Assert.Equal(first.State.ReplayId, again.State.ReplayId);
    }

    [Fact]
    public async Task Run_EndpointThatKnowsNoReplays_GetsNothingUnlessItIsSaid()
    {
        var strict = new ScriptedSender { IsForeign = true };
        var refused = await Assert.ThrowsAsync<ReplayException>(() => RunAsync(strict, Job()));
        Assert.Equal(ReplayFault.NotAGateway, refused.Fault);
        Assert.Empty(strict.Sent);

        var foreign = new ScriptedSender { IsForeign = true };
        var result = await RunAsync(foreign, Job() with { AllowForeign = true }, restart: true);

        var logs = foreign.Sent.Where(s => s.Signal == Signal.Logs).SelectMany(s => ExportLogsServiceRequest.Parser.ParseFrom(s.Request).ResourceLogs).Select(l => l.ScopeLogs[0].LogRecords[0]);
        Assert.All(logs, l => Assert.Equal((ReplayMark.Attribute, result.State.ReplayId), (Assert.Single(l.Attributes).Key, l.Attributes[0].Value.StringValue)));

        var unmarked = new ScriptedSender { IsForeign = true };
        await RunAsync(unmarked, Job() with { AllowForeign = true, Subject = Job().Subject with { IsUnmarked = true } }, restart: true);
        Assert.Equal(await BytesAsync(), unmarked.Taken.SelectMany(t => t.Request));
    }

    [Fact]
    public async Task Run_Shifted_SaysSoInItsIdAndKeepsTheFirstRunsShift()
    {
        var shifted = Job() with { ShiftNanoseconds = Hour, Subject = Job().Subject with { Shift = "now" } };
        var sender = new ScriptedSender { Before = mark => mark.Ordinal == 7 ? new ReplayAnswer(ReplayOutcome.Refused, "", "") : null };
        await Assert.ThrowsAsync<ReplayException>(() => RunAsync(sender, shifted));
        sender.Before = _ => null;

        // Later, "now" is another time: one replay has one shift.
        var result = await RunAsync(sender, shifted with { ShiftNanoseconds = 2 * Hour });

        Assert.EndsWith(ReplayEngine.ShiftedSuffix, result.State.ReplayId, StringComparison.Ordinal);
        Assert.Equal(Hour.ToString(CultureInfo.InvariantCulture), result.State.ShiftNanoseconds);
        var spans = sender.Taken.Where(t => t.Signal == Signal.Traces).SelectMany(t => ExportTraceServiceRequest.Parser.ParseFrom(t.Request).ResourceSpans).ToList();
        var original = (await _bundle.FramesAsync()).Where(f => f.Signal == Signal.Traces).Select(f => ExportTraceServiceRequest.Parser.ParseFrom(f.Bytes).ResourceSpans[0]).ToList();
        Assert.Equal(12, spans.Count);
        foreach (var (now, before) in spans.Zip(original))
        {
            var span = before.ScopeSpans[0].Spans[0];
            span.StartTimeUnixNano += Hour;
            span.EndTimeUnixNano += Hour;
            span.Events[0].TimeUnixNano += Hour;
            Assert.Equal(before.ToByteArray(), now.ToByteArray());
        }
    }

    [Fact]
    public async Task Run_BusyAndRejecting_TriesAgainAndCountsBoth()
    {
        var busy = 3;
        var sender = new ScriptedSender
        {
            Before = mark => mark.Ordinal == 1 && busy-- > 0 ? new ReplayAnswer(ReplayOutcome.Retry, "http 503", "", RetryAfter: TimeSpan.FromMilliseconds(1))
                : mark.Ordinal == 8 ? new ReplayAnswer(ReplayOutcome.Taken, "http 200", "too old", Rejected: 2, IsMarkUnderstood: true)
                : null,
        };

        var result = await RunAsync(sender, Job());

        Assert.Equal(12, sender.Sent.Count);
        Assert.Equal(new ReplaySignalState(Signal.Traces, 12, 10, 2), result.State.Signals[0]);
        Assert.Contains("2 of 4 records rejected: too old", Assert.Single(result.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ArchiveOfFewerRecordsThanTheManifest_IsNotFinished()
    {
        var manifest = _bundle.Written.Manifest;
        var more = manifest with { Signals = manifest.Signals.ToDictionary(s => s.Key, s => s.Value with { Records = s.Value.Records + 1 }) };

        var unfit = await Assert.ThrowsAsync<ReplayException>(() => RunAsync(new ScriptedSender(), Job() with { Manifest = more }));

        Assert.Equal(ReplayFault.BundleUnfit, unfit.Fault);
    }

    private ReplayJob Job() => new(
        _bundle.Files,
        _bundle.Written.Manifest,
        new ReplaySubject(_bundle.Written.ArchiveHash, "http://here/", "http", "sealed", null, IsUnmarked: false),
        new ReplayBatching(4),
        new ReplayPace(),
        0,
        AllowForeign: false);

    private async Task<ReplayResult> RunAsync(IReplaySender sender, ReplayJob job, bool restart = false)
    {
        using var file = ReplayStateFile.Open(Path.Combine(_bundle.Folder, "state.json"));
        return await new ReplayEngine(job, sender, file, TimeProvider.System, _ => { }).RunAsync(restart, Token);
    }

    private async Task<IEnumerable<byte>> BytesAsync() => (await _bundle.FramesAsync()).SelectMany(f => f.Bytes);
}
