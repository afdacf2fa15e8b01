using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Clients;

/// <summary>The archive, as the capture worker reads it.</summary>
public sealed class ArchiveClient(HttpClient http) : ApiClient(http)
{
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
