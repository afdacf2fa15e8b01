using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Planning;

/// <summary>What must not be deleted: an active hold, or a capture that is not done.</summary>
/// <param name="Id">The hold's or the job's.</param>
/// <param name="FromUnixNano">First accepted-at, inclusive.</param>
/// <param name="ToUnixNano">Last accepted-at, exclusive; null: no end yet.</param>
/// <param name="Services">Empty: all.</param>
internal sealed record Protection(string Id, long FromUnixNano, long? ToUnixNano, IReadOnlySet<string> Services)
{
    /// <summary>Whether the chunk may hold a record of it: what cannot be told apart without reading it is covered.</summary>
    public bool Covers(ChunkManifest chunk) =>
        chunk.AcceptedToUnixNano >= FromUnixNano && (ToUnixNano is not { } to || chunk.AcceptedFromUnixNano < to)
        && (Services.Count == 0 || chunk.Services.Any(Services.Contains));
}
