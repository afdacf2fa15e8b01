using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

/// <summary>Segments of many tenants that come of age together, and a store that answers late.</summary>
public sealed class ArchiveExporterTests : IDisposable
{
    private static readonly TenantId[] s_tenants = [.. Enumerable.Range(1, ArchiveExporter.MaxCompleting + 3).Select(i => TenantId.Parse($"tenant-{i}"))];
    private readonly PipelineFixture _fixture = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LateStore _store;

    public ArchiveExporterTests() => _store = new LateStore(new FolderObjectStore(Path.Combine(_fixture.Folder, "archive")));

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Pump_ManySegmentsOfAge_PutsSomeBesideEachOther_AndTheCursorWaitsForThemAll()
    {
        using var pipeline = await FilledAsync();
        var archive = pipeline.ExporterList[0];

        var pump = archive.PumpAsync(CancellationToken.None);
        for (var i = 0; i < s_tenants.Length; i++)
        {
            // The manifests go through; one segment is answered at a time.
            Assert.Equal(Math.Min(ArchiveExporter.MaxCompleting, s_tenants.Length - i), _store.Waiting);
            Assert.False(pump.IsCompleted);
            Assert.Equal(0ul, archive.Cursor.Saved);
            _store.AnswerOne();
            await _store.QuietAsync(Math.Min(ArchiveExporter.MaxCompleting, s_tenants.Length - i - 1));
        }

        await pump;
        Assert.Equal((pipeline.Journal.LastFrame, (long)s_tenants.Length), (archive.Cursor.Saved, archive.Cursor.Exported));
        Assert.Equal(s_tenants.Length, await CountAsync());
    }

    [Fact]
    public async Task Pump_OneOfManyFails_FailsAndTheNextOneWritesEverythingAgain()
    {
        using var pipeline = await FilledAsync();
        var archive = pipeline.ExporterList[0];
        _store.IsOpen = true;
        _store.Refused = $"/{s_tenants[2]}/";

        await Assert.ThrowsAsync<IOException>(() => archive.PumpAsync(CancellationToken.None));
        Assert.True(archive.Cursor.Done < pipeline.Journal.LastFrame);

        _store.Refused = null;
        await archive.PumpAsync(CancellationToken.None);
        await archive.FlushAsync(CancellationToken.None);
        Assert.Equal((pipeline.Journal.LastFrame, (long)s_tenants.Length), (archive.Cursor.Saved, archive.Cursor.Exported));
        Assert.Equal(s_tenants.Length, await CountAsync());
    }

    /// <summary>A pipeline with a batch of each tenant, decided and taken in, all of age.</summary>
    private async Task<GatewayPipeline> FilledAsync()
    {
        _fixture.Settings = _fixture.Settings with { Sampling = SamplingSettings.Off };
        var pipeline = new GatewayPipeline(
            _fixture.Settings, _fixture.Options, _store, new FakeIncidents(), _fixture.Time, new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);
        foreach (var tenant in s_tenants)
        {
            var batch = new IngestBatch(tenant, Signal.Traces, SpanRequest.Of("checkout", new TestSpan(1)), 1, null, PipelineFixture.Profile);
            Assert.Equal(AppendOutcome.Accepted, await pipeline.Log.AppendAsync(batch, CancellationToken.None));
            pipeline.PumpSampler();
        }

        await pipeline.ExporterList[0].PumpAsync(CancellationToken.None);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        return pipeline;
    }

    private async Task<int> CountAsync() => await _store.ListAsync(ArchiveLayout.Root, CancellationToken.None).CountAsync(o => o.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal));

    /// <summary>Puts of segments wait until they are answered, or fail.</summary>
    private sealed class LateStore(IObjectStore inner) : IObjectStore
    {
        private readonly Queue<TaskCompletionSource> _waiting = [];

        /// <summary>Lets everything through.</summary>
        public bool IsOpen { get; set; }

        /// <summary>Keys with this in them are not taken.</summary>
        public string? Refused { get; set; }

        public int Waiting
        {
            get
            {
                lock (_waiting)
                {
                    return _waiting.Count;
                }
            }
        }

        public void AnswerOne()
        {
            lock (_waiting)
            {
                _waiting.Dequeue().SetResult();
            }
        }

        /// <summary>Waits until so many wait.</summary>
        public async Task QuietAsync(int count)
        {
            for (var i = 0; i < 2000 && Waiting != count; i++)
            {
                await Task.Delay(5);
            }

            Assert.Equal(count, Waiting);
        }

        public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
        {
            if (Refused is { } refused && key.Contains(refused, StringComparison.Ordinal))
            {
                throw new IOException("the store does not answer");
            }

            if (!IsOpen && !key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal))
            {
                var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                lock (_waiting)
                {
                    _waiting.Enqueue(answer);
                }

                await answer.Task;
            }

            await inner.PutAsync(key, content, cancellationToken);
        }

        public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken) => inner.OpenReadAsync(key, cancellationToken);

        public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
    }
}
