using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;
using StellaOps.Telemetry.IncidentSampling.Following;

namespace StellaOps.Telemetry.IncidentSampling;

/// <summary>Adds head sampling that incidents raise.</summary>
public static class IncidentSamplingTracerProviderBuilderExtensions
{
    /// <summary>
    /// Samples traces that begin here by what the gateway says of this service, and within a second of an incident by its rate; children follow
    /// their parents, as with <see cref="ParentBasedSampler"/>. Takes the place of the sampler that was set before. Ends with the provider.
    /// </summary>
    /// <remarks>
    /// A gateway that is not there, refuses, or answers nonsense changes nothing and throws nothing: the last rate stays, and an incident's ends when
    /// its time is over. <c>OTEL_DIAGNOSTICS.json</c> shows what happens, as with the SDK itself.
    /// </remarks>
    public static TracerProviderBuilder AddIncidentSampling(this TracerProviderBuilder builder, Action<IncidentSamplingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new IncidentSamplingOptions();
        configure?.Invoke(options);
        var root = new RootSampler(options.BaseSampler);
        return builder
            .SetSampler(new ParentBasedSampler(root))
            .AddInstrumentation((services, provider) => StrategyFollower.Start(
                options, name => (services.GetService(typeof(IConfiguration)) as IConfiguration)?[name], provider, root));
    }
}
