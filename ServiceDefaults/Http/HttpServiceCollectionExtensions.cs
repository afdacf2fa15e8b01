using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.ServiceDefaults.Http;

internal static class HttpServiceCollectionExtensions
{
    // A long poll holds its answer for up to 30 s, so an attempt may last longer than that.
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(40);

    public static IServiceCollection AddStellaHttp(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, StellaProblemDetailsWriter>();
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default);
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
            o.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            o.SerializerOptions.RespectNullableAnnotations = true;
        });
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(Configure);
            http.AddServiceDiscovery();
        });
        return services;
    }

    private static void Configure(HttpStandardResilienceOptions options)
    {
        options.AttemptTimeout.Timeout = s_attempt;
        options.TotalRequestTimeout.Timeout = 3 * s_attempt;
        options.CircuitBreaker.SamplingDuration = 2 * s_attempt;
        options.Retry.ShouldHandle = arguments => ValueTask.FromResult(
            HttpClientResiliencePredicates.IsTransient(arguments.Outcome)
            && EgressDeniedException.In(arguments.Outcome.Exception) is null
            && arguments.Context.GetRequestMessage() is { } request
            && MayBeRepeated(request));
    }

    private static bool MayBeRepeated(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete
        || request.Headers.Contains(KnownHeaders.IdempotencyKey);
}
