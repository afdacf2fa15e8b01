using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentSampling.Tests.TestServices;

/// <summary>An application with the real SDK and the sampler.</summary>
internal sealed class SampledApp : IDisposable
{
    private readonly TracerProvider _provider;

    public SampledApp(Action<IncidentSamplingOptions>? configure, string? service = "checkout")
    {
        var builder = Sdk.CreateTracerProviderBuilder().AddSource(Source.Name).AddIncidentSampling(configure);
        if (service is not null)
        {
            // After it, as an application may have it.
            builder.ConfigureResource(r => r.AddService(service));
        }

        _provider = builder.Build();
    }

    public ActivitySource Source { get; } = new($"app-{Guid.NewGuid():N}");

    /// <summary>The share of new traces that is sampled.</summary>
    public double Share(int traces = 200, ActivityContext parent = default)
    {
        var sampled = 0;
        for (var i = 0; i < traces; i++)
        {
            Activity.Current = null;
            using var activity = Source.StartActivity("work", ActivityKind.Server, parent);
            sampled += activity?.Recorded == true ? 1 : 0;
        }

        return (double)sampled / traces;
    }

    public Task ShareIsAsync(double share, TimeSpan within) => Eventually.HoldsAsync(() => Share() == share, within, $"{share} of new traces is sampled");

    public void Dispose()
    {
        _provider.Dispose();
        Source.Dispose();
    }
}
