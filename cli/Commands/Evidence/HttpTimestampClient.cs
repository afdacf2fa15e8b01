using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>Asks once: a person who runs a command can run it again.</summary>
internal sealed class HttpTimestampClient(HttpClient http, Uri url) : ITimestampClient
{
    public Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        new TimestampAuthorityClient(http, url).AskAsync(request, TimestampResponse.MaxBytes, cancellationToken);
}
