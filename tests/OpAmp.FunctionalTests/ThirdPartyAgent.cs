using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.OpAmp.FunctionalTests;

/// <summary>Elastic's OpAMP client for Node, a third party to us, as a process of its own (<c>node/agent.mjs</c>).</summary>
public sealed class ThirdPartyAgent : IAsyncLifetime
{
    private readonly NodeFolder _folder = new("OpAmp.FunctionalTests");

    public async ValueTask InitializeAsync() => await _folder.InstallAsync();

    /// <summary>Talks to a server until so many messages were sent, and tells what happened.</summary>
    /// <param name="status">What it says of each configuration that it is given: <c>APPLIED</c>, <c>FAILED</c>.</param>
    public async Task<AgentReport> RunAsync(Uri endpoint, InstanceUid uid, int sends, string status = "APPLIED", string error = "", string token = "")
    {
        var run = await _folder.RunAsync("agent.mjs", new Dictionary<string, string>
        {
            ["OPAMP_ENDPOINT"] = endpoint.ToString(),
            ["AGENT_UID"] = uid.ToString(),
            ["AGENT_SENDS"] = sends.ToString(CultureInfo.InvariantCulture),
            ["AGENT_STATUS"] = status,
            ["AGENT_ERROR"] = error,
            ["AGENT_TOKEN"] = token,
        });
        var report = JsonDocument.Parse(run.Output).RootElement;
        return new AgentReport(report.GetProperty("uid").GetString()!, [.. report.GetProperty("events").EnumerateArray().Select(EventOf)]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static AgentEvent EventOf(JsonElement e) =>
        e.TryGetProperty("sent", out var sent) ? new AgentEvent.Sent(sent.GetInt32())
        : e.TryGetProperty("failed", out var failed) ? new AgentEvent.Failed(failed.GetString()!, e.TryGetProperty("retryAfterMs", out var wait) && wait.ValueKind == JsonValueKind.Number ? wait.GetDouble() : null)
        : new AgentEvent.Configured(e.GetProperty("config").GetString()!, e.GetProperty("contentType").GetString()!, e.GetProperty("hash").GetString()!);
}

/// <summary>What the client said when it ended.</summary>
/// <param name="Uid">The uid that it has by then.</param>
public sealed record AgentReport(string Uid, IReadOnlyList<AgentEvent> Events);

/// <summary>Something that the client met.</summary>
public abstract record AgentEvent
{
    /// <summary>A message of this sequence number was answered.</summary>
    public sealed record Sent(int Sequence) : AgentEvent;

    /// <summary>A message was not answered well.</summary>
    /// <param name="RetryAfter">Milliseconds that it was told to wait; null when it was not.</param>
    public sealed record Failed(string Error, double? RetryAfter) : AgentEvent;

    /// <summary>A configuration file was given.</summary>
    public sealed record Configured(string Text, string ContentType, string Hash) : AgentEvent;
}
