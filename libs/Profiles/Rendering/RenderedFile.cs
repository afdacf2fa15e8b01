using System.Security.Cryptography;
using System.Text;

namespace StellaOps.Telemetry.Profiles.Rendering;

/// <summary>One file that a profile renders to.</summary>
/// <param name="Name">File name, without a folder.</param>
/// <param name="ContentType">Media type, as OpAMP offers it.</param>
/// <param name="Content">UTF-8 without a byte order mark; lines end with LF. The same profile and policy give the same bytes on any machine.</param>
public sealed record RenderedFile(string Name, string ContentType, byte[] Content)
{
    /// <summary>Lower-case hex of the SHA-256 of the content.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Content));

    /// <summary>The content as text.</summary>
    public string Text => Encoding.UTF8.GetString(Content);

    /// <summary>A text in YAML.</summary>
    internal static RenderedFile Yaml(string name, string text) => new(name, "text/yaml", Encoding.UTF8.GetBytes(text));

    /// <summary>Command line arguments, one a line.</summary>
    internal static RenderedFile Arguments(string name, params IEnumerable<string> arguments) =>
        new(name, "text/plain", Encoding.UTF8.GetBytes(string.Concat(arguments.Select(a => a + "\n"))));
}
