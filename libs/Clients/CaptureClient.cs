using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>The capture worker.</summary>
public sealed class CaptureClient(HttpClient http) : ApiClient(http)
{
    /// <summary>Asks for a bundle.</summary>
    public Task<CaptureResponse> CreateAsync(CreateCaptureRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/captures", request, ContractsJson.Default.CreateCaptureRequest, ContractsJson.Default.CaptureResponse, idempotencyKey, cancellationToken);

    /// <summary>One job.</summary>
    public Task<CaptureResponse> GetAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"api/v1/captures/{Segment(id)}", ContractsJson.Default.CaptureResponse, cancellationToken);

    /// <summary>A page of jobs, newest first.</summary>
    public Task<Page<CaptureResponse>> ListAsync(TenantId? tenant, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(WithQuery("api/v1/captures", ("tenant", tenant?.Value), ("cursor", cursor)), ContractsJson.Default.PageCaptureResponse, cancellationToken);

    /// <summary>One job's states from now on, until it ends or the stream is cut; come back with the newest version.</summary>
    /// <param name="known">The version of the state that is known.</param>
    /// <exception cref="ApiException">The service has no events, or not for one more.</exception>
    /// <exception cref="System.Text.Json.JsonException">An event cannot be read.</exception>
    public IAsyncEnumerable<CaptureResponse> FollowAsync(string id, long known, CancellationToken cancellationToken) =>
        EventsAsync($"api/v1/captures/{Segment(id)}/events", ContractsJson.Default.CaptureResponse, known.ToString(CultureInfo.InvariantCulture), cancellationToken);

    /// <summary>Ends a job that has not ended. Asking twice is asking once.</summary>
    public Task<CaptureResponse> CancelAsync(string id, CancellationToken cancellationToken) =>
        PostAsync($"api/v1/captures/{Segment(id)}/cancel", ContractsJson.Default.CaptureResponse, cancellationToken);

    /// <summary>Copies one file of a finished bundle.</summary>
    public Task DownloadFileAsync(string id, string name, Stream target, CancellationToken cancellationToken) =>
        DownloadAsync($"api/v1/captures/{Segment(id)}/files/{Segment(name)}", target, cancellationToken);
}
