using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>The archive, as the capture worker reads it: what it holds, what will go, and what is in it.</summary>
public sealed class ArchiveClient(HttpClient http) : ApiClient(http)
{
    /// <summary>The usage of a page of tenants.</summary>
    public Task<Page<ArchiveUsageRow>> UsageAsync(TenantId? tenant, string? cursor, CancellationToken cancellationToken) => GetAsync(
        WithQuery("api/v1/archive/usage", ("tenant", tenant?.Value), ("cursor", cursor)), ContractsJson.Default.PageArchiveUsageRow, cancellationToken);

    /// <summary>A page of what will go by then, and of what holds keep.</summary>
    /// <param name="until">Null: now.</param>
    /// <param name="byChunk">A row for each chunk instead of one for each hour.</param>
    public Task<ArchivePlanResponse> PlanAsync(TenantId? tenant, DateTimeOffset? until, bool byChunk, string? cursor, CancellationToken cancellationToken) => GetAsync(
        WithQuery("api/v1/archive/plan", ("tenant", tenant?.Value), ("until", cursor is null ? Time(until) : null), ("chunks", byChunk ? "true" : null), ("cursor", cursor)),
        ContractsJson.Default.ArchivePlanResponse,
        cancellationToken);

    /// <summary>Searches: lines of JSON as they come, the last one an <see cref="ArchiveSearchNote"/> with a summary. An answer without one was cut.</summary>
    public async IAsyncEnumerable<string> SearchAsync(ArchiveSearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await PostForStreamAsync("api/v1/archive/search", request, ContractsJson.Default.ArchiveSearchRequest, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Exports: hands the answer (blocks of a file, and a summary) to the reader while it comes.</summary>
    public async Task<T> ExportAsync<T>(ArchiveExportRequest request, Func<Stream, Task<T>> read, CancellationToken cancellationToken)
    {
        using var response = await PostForStreamAsync("api/v1/archive/export", request, ContractsJson.Default.ArchiveExportRequest, cancellationToken).ConfigureAwait(false);
        return await read(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
