using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Clients;

/// <summary>Scrubs of the archive and proofs of what is in it, of the capture worker.</summary>
public sealed class ScrubClient(HttpClient http) : ApiClient(http)
{
    /// <summary>Begins a scrub.</summary>
    public Task<ScrubResponse> StartAsync(StartScrubRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        PostAsync("api/v1/archive/scrubs", request, ContractsJson.Default.StartScrubRequest, ContractsJson.Default.ScrubResponse, idempotencyKey, cancellationToken);

    /// <summary>One scrub, as far as it is.</summary>
    public Task<ScrubResponse> GetAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"api/v1/archive/scrubs/{Segment(id)}", ContractsJson.Default.ScrubResponse, cancellationToken);

    /// <summary>The inclusion proof of a chunk, as its document.</summary>
    /// <param name="key">Of its segment, manifest or tombstone.</param>
    public async Task<byte[]> ProveAsync(string key, CancellationToken cancellationToken)
    {
        using var proof = new MemoryStream();
        await DownloadAsync(WithQuery("api/v1/archive/proofs", ("key", key)), proof, cancellationToken).ConfigureAwait(false);
        return proof.ToArray();
    }
}
