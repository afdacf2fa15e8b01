using System.Net;

namespace StellaOps.Telemetry.Clients;

/// <summary>A service answered with an error: its problem details (RFC 9457).</summary>
/// <param name="type">Stable: one of <see cref="Contracts.KnownProblems"/>; null when the answer was no problem document.</param>
public sealed class ApiException(HttpStatusCode status, string? type, string title, string? detail)
    : Exception(detail is null ? $"{title} ({(int)status})" : $"{title} ({(int)status}): {detail}")
{
    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <inheritdoc cref="ApiException(HttpStatusCode, string?, string, string?)" path="/param[@name='type']"/>
    public string? Type { get; } = type;

    /// <summary>What kind of thing went wrong.</summary>
    public string Title { get; } = title;

    /// <summary>What went wrong here.</summary>
    public string? Detail { get; } = detail;
}
