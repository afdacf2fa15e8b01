using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Evidence;

/// <summary>Asks the capture worker for what incidents need, until it has it. The worker may be away for as long as it likes.</summary>
internal sealed partial class EvidenceDispatcher(
    EvidenceTaskStore tasks, IncidentStore incidents, IHttpClientFactory http, DatabaseState database, TimeProvider time, ILogger<EvidenceDispatcher> logger) : DatabaseWorker(database, time)
{
    /// <summary>The worker's client.</summary>
    public const string HttpClientName = "capture-worker";

    /// <summary>What the worker takes.</summary>
    private const int MaxReason = 500;

    private bool _isWorkerAway;

    protected override TimeSpan Period { get; } = TimeSpan.FromMilliseconds(500);

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var task in await tasks.ClaimAsync(cancellationToken))
        {
            await DoAsync(task, cancellationToken);
        }
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private async Task DoAsync(EvidenceTask task, CancellationToken cancellationToken)
    {
        var incident = await incidents.ReadAsync(task.IncidentId, cancellationToken);
        try
        {
            var made = await AskAsync(task, incident, cancellationToken);
            await tasks.FinishAsync(task, incident, made, null, cancellationToken);
            Log.Done(logger, task.IncidentId, task.Kind, made);
            _isWorkerAway = false;
        }
        catch (ApiException e) when (IsFinal(e.Status))
        {
            await tasks.FinishAsync(task, incident, null, e.Message, cancellationToken);
            Log.Refused(logger, task.IncidentId, task.Kind, e.Message);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await tasks.PostponeAsync(task, cancellationToken);
            if (!_isWorkerAway)
            {
                // An outage is logged once.
                _isWorkerAway = true;
                OnFailed(e.Message);
            }
        }
    }

    private async Task<string> AskAsync(EvidenceTask task, Incident incident, CancellationToken cancellationToken)
    {
        using var client = http.CreateClient(HttpClientName);
        var from = incident.StartedAt.AddSeconds(-incident.LookbackSeconds);
        switch (task.Kind)
        {
            case EvidenceTask.Hold:
                var reason = $"incident {incident.Id}: {incident.Reason}";
                var hold = new CreateHoldRequest(
                    incident.Tenant, from, reason.Length <= MaxReason ? reason : reason[..MaxReason], Services: incident.Services, Until: incident.RetainUntil, IncidentId: incident.Id);
                return (await new HoldClient(client).AddAsync(hold, task.IdempotencyKey, cancellationToken)).Id;
            case EvidenceTask.CloseHold when task.HoldId is { } id:
                return (await new HoldClient(client).CloseAsync(id, new CloseHoldRequest(task.Due), cancellationToken)).Id;
            case EvidenceTask.CloseHold:
                return "none";
            default:
                var capture = new CreateCaptureRequest(incident.Tenant, from, task.Due, incident.Services, IncidentId: incident.Id);
                return (await new CaptureClient(client).CreateAsync(capture, task.IdempotencyKey, cancellationToken)).Id;
        }
    }

    /// <summary>Asking again would be answered the same way. A token that is not good, or too many requests, may be mended.</summary>
    private static bool IsFinal(HttpStatusCode status) =>
        (int)status is >= 400 and < 500
        && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);

    private static partial class Log
    {
        [LoggerMessage(EventIds.EvidenceDone, LogLevel.Information, "Incident {Id}: {Kind} is {Made}")]
        public static partial void Done(ILogger logger, string id, string kind, string made);

        [LoggerMessage(EventIds.EvidenceRefused, LogLevel.Error, "Incident {Id}: {Kind} was refused for good: {Reason}")]
        public static partial void Refused(ILogger logger, string id, string kind, string reason);

        [LoggerMessage(EventIds.EvidenceFailed, LogLevel.Warning, "Evidence of incidents waits for the capture worker: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
