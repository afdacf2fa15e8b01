using StellaOps.Telemetry.Profiles.Rendering;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Rendering;

/// <summary>A rendered file.</summary>
/// <param name="Digest">Lower-case hex of its SHA-256.</param>
/// <param name="State">After --verify: <c>same</c>, <c>differs</c>, <c>missing</c> or <c>left over</c>; after --to: <c>written</c>, <c>same</c> or <c>removed</c>.</param>
internal sealed record RenderedFileReport(string Name, string? ContentType, int? Bytes, string? Digest, string? State, string? Content)
{
    public static RenderedFileReport Of(RenderedFile file, string? state = null) =>
        new(file.Name, file.ContentType, file.Content.Length, file.Digest, state, state is null ? file.Text : null);
}
