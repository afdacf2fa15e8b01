using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Evidence;

/// <summary>What the incident service asks of the capture worker, taken down; it fails as often as it is told to.</summary>
internal sealed class CaptureWorkerDouble : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _made = new();
    private RunningService _service = null!;
    private int _failures;
    private int _numbers;

    /// <summary>Requests that were taken, in their order: idempotency key (or the hold's id, for its end) and body.</summary>
    public ConcurrentQueue<(string Key, object Body)> Taken { get; } = new();

    public Uri Url => _service.Url;

    /// <summary>Answers 503 so many times from now on.</summary>
    public void Fail(int times) => Volatile.Write(ref _failures, times);

    public static async Task<CaptureWorkerDouble> StartAsync()
    {
        var worker = new CaptureWorkerDouble();
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default));
        var app = builder.Build();
        app.MapPost("/api/v1/captures", (CreateCaptureRequest body, HttpContext http) => worker.Take(KeyOf(http), "cap", body, id => new CaptureResponse(
            id, body.Tenant, body.From, body.To, body.Services ?? [], null, body.IncidentId, CaptureState.Queued, null, 0, null, null, null, null, new Dictionary<string, long>(), [], [], "test", body.From, null)));
        app.MapPost("/api/v1/holds", (CreateHoldRequest body, HttpContext http) => worker.Take(KeyOf(http), "hold", body, id => new HoldResponse(
            id, body.Tenant, body.From, body.To, body.Services ?? [], body.Until, body.Reason, body.IncidentId, HoldState.Active, null, [], "test", body.From, null, null)));
        app.MapPost("/api/v1/holds/{id}/close", (string id, CloseHoldRequest body) => worker.Take(id, "close", body, _ => new HoldResponse(
            id, TenantId.Parse("any"), body.To, body.To, [], null, "r", null, HoldState.Active, null, [], "test", body.To, null, null)));
        worker._service = await RunningService.StartAsync(app);
        return worker;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private static string KeyOf(HttpContext http) => http.Request.Headers[KnownHeaders.IdempotencyKey].ToString();

    private IResult Take<T>(string key, string prefix, object body, Func<string, T> answer)
    {
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        var isNew = false;
        var id = _made.GetOrAdd(key, _ =>
        {
            isNew = true;
            return $"{prefix}-{Interlocked.Increment(ref _numbers)}";
        });
        if (isNew)
        {
            Taken.Enqueue((key, body));
        }

        return TypedResults.Ok(answer(id));
    }
}
