using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>
/// Reads a CloudEvent from HTTP, in both modes of its binding: structured (<c>application/cloudevents+json</c>), where the body is the event,
/// and binary, where headers are its attributes and the body is its data.
/// </summary>
internal static class CloudEventReader
{
    private const string Structured = "application/cloudevents+json";

    /// <summary>The event; null, with what to answer, when it is none of ours.</summary>
    public static CloudEvent? Read(HttpRequest request, byte[] body, out ProblemHttpResult? problem)
    {
        problem = null;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsUtf8(type))
        {
            problem = WrongType(request.ContentType);
            return null;
        }

        var isStructured = type.MediaType.Equals(Structured, StringComparison.OrdinalIgnoreCase);
        if (!isStructured && !type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase))
        {
            problem = WrongType(request.ContentType);
            return null;
        }

        try
        {
            var read = isStructured ? JsonSerializer.Deserialize(body, HooksJson.Default.CloudEvent) : Binary(request.Headers, body);
            var faults = read is null ? [("body", "is no event")] : Faults(read, isStructured).ToList();
            problem = faults.Count == 0 ? null : Problems.Validation(faults);
            return problem is null ? read : null;
        }
        catch (JsonException e)
        {
            problem = Problems.Validation(("body", $"is no JSON of this kind, at '{e.Path}', line {e.LineNumber + 1}"));
            return null;
        }
    }

    private static CloudEvent Binary(IHeaderDictionary headers, byte[] body) => new(
        headers["ce-specversion"], headers["ce-id"], headers["ce-source"], headers["ce-type"], JsonSerializer.Deserialize(body, HooksJson.Default.OrchestratorData));

    private static IEnumerable<(string Field, string Message)> Faults(CloudEvent read, bool isStructured)
    {
        if (read.SpecVersion != "1.0")
        {
            yield return ("specversion", "must be 1.0");
        }

        if (string.IsNullOrEmpty(read.Id))
        {
            yield return ("id", "is needed");
        }

        if (string.IsNullOrEmpty(read.Source))
        {
            yield return ("source", "is needed");
        }

        if (!KnownOrchestratorEvents.All.Contains(read.Type))
        {
            yield return ("type", $"must be one of {string.Join(", ", KnownOrchestratorEvents.All)}");
        }

        if (read.DataContentType is { } content && !content.StartsWith(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase))
        {
            yield return ("datacontenttype", "must be application/json");
        }

        if (read.Data is not { } data)
        {
            yield return ("data", "is needed");
            yield break;
        }

        // Only the body is signed: whoever stands between could else make an end of a start.
        if (data.Type != read.Type && (!isStructured || data.Type is not null))
        {
            yield return ("data.type", "must be the event's type; in binary mode it is needed, since the signature does not cover headers");
        }

        foreach (var fault in data.Faults())
        {
            yield return fault;
        }
    }

    private static bool IsUtf8(MediaTypeHeaderValue type) => !type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult WrongType(string? given) => TypedResults.Problem(
        $"Content-Type '{given}' is neither {Structured} nor, with ce- headers, application/json, in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);
}
