using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Canonical;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>
/// One version of a profile with every document that resolving it reads: what an author signs and a gateway renders from
/// (docs/formats/profile-signing.md). Its bytes are RFC 8785 canonical JSON.
/// </summary>
public sealed class ProfileClosure : IProfileDocuments
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/profile-closure/v1";

    /// <summary>The longest closure, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The most documents in one.</summary>
    public const int MaxDocuments = 64;

    private readonly byte[] _bytes;

    /// <param name="profile">The profile's name.</param>
    /// <param name="version">From 1, one sequence per profile.</param>
    /// <param name="overlay">The environment whose overlay lies over it; null for none.</param>
    /// <param name="documents">In any order.</param>
    /// <exception cref="ArgumentException">What it says is not a closure.</exception>
    public ProfileClosure(string profile, long version, string? overlay, IEnumerable<ProfileDocument> documents)
    {
        (Profile, Version, Overlay) = (profile, version, overlay);
        Documents = [.. documents.OrderBy(d => d.Path, StringComparer.Ordinal)];
        if (FaultOf() is { } fault)
        {
            throw new ArgumentException(fault);
        }

        _bytes = CanonicalJson.Serialize(
            new ClosureFile([.. Documents.Select(d => new ClosureDocument(d.Path, d.Text))], overlay, profile, SchemaId, version), SigningJson.Default.ClosureFile);
        if (_bytes.Length > MaxBytes)
        {
            throw new ArgumentException($"a closure has at most {MaxBytes} bytes, this one {_bytes.Length}");
        }

        Digest = Convert.ToHexStringLower(SHA256.HashData(_bytes));
    }

    /// <summary>The profile's name.</summary>
    public string Profile { get; }

    /// <summary>From 1, one sequence per profile.</summary>
    public long Version { get; }

    /// <summary>The environment whose overlay lies over it; null for none.</summary>
    public string? Overlay { get; }

    /// <summary>In ordinal order of their paths.</summary>
    public IReadOnlyList<ProfileDocument> Documents { get; }

    /// <summary>Lower-case hex of the SHA-256 of <see cref="ToBytes"/>.</summary>
    public string Digest { get; }

    /// <summary>How statements name it: <c>forensic-7.closure.json</c>.</summary>
    public string SubjectName => $"{Profile}-{Version}.closure.json";

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <inheritdoc/>
    public string? Read(string path) => Documents.FirstOrDefault(d => d.Path == path)?.Text;

    /// <summary>What it comes to.</summary>
    public ProfileResolution Resolve() => ProfileResolver.Resolve(this, Profile, Overlay);

    /// <summary>Reads a closure; false, and why, for anything but the canonical bytes of one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ProfileClosure? closure, out string why)
    {
        closure = null;
        if (bytes.Length > MaxBytes)
        {
            why = $"a closure has at most {MaxBytes} bytes, this one {bytes.Length}";
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes, SigningJson.Default.ClosureFile) is not { Schema: SchemaId } file)
            {
                why = $"not a closure of schema {SchemaId}";
                return false;
            }

            var read = new ProfileClosure(file.Profile, file.Version, file.Overlay, file.Documents.Select(d => new ProfileDocument(d.Path, d.Text)));
            if (!bytes.SequenceEqual(read._bytes))
            {
                why = "the bytes are not the canonical form of what they say";
                return false;
            }

            (closure, why) = (read, "");
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // An invalid operation is the parser's way to say that a string is no Unicode.
            why = e.Message;
            return false;
        }
    }

    private string? FaultOf()
    {
        if (!Scalars.Name(Profile, out _))
        {
            return $"'{Profile}' is no profile's name";
        }

        if (Overlay is not null && !Scalars.Name(Overlay, out _))
        {
            return $"'{Overlay}' is no environment's name";
        }

        if (Version is < 1 or > SigningLimits.MaxNumber)
        {
            return $"{Version} is no version: count from 1";
        }

        if (Documents.Count is 0 or > MaxDocuments)
        {
            return $"a closure has 1 to {MaxDocuments} documents, this one {Documents.Count}";
        }

        if (Documents.FirstOrDefault(d => !IsPath(d.Path)) is { } strange)
        {
            return $"'{strange.Path}' is no document's path: <name>.yaml, redaction/<policy>.yaml or overlays/<environment>/<name>.yaml";
        }

        return Documents.CountBy(d => d.Path).FirstOrDefault(d => d.Value > 1).Key is { } twice ? $"'{twice}' is there twice" : null;
    }

    private static bool IsPath(string path)
    {
        const string suffix = ".yaml";
        return path.EndsWith(suffix, StringComparison.Ordinal) && path[..^suffix.Length].Split('/') switch
        {
            [var name] => Scalars.Name(name, out _),
            ["redaction", var policy] => Scalars.Name(policy, out _),
            ["overlays", var environment, var name] => Scalars.Name(environment, out _) && Scalars.Name(name, out _),
            _ => false,
        };
    }
}

internal sealed record ClosureFile(IReadOnlyList<ClosureDocument> Documents, string? Overlay, string Profile, string Schema, long Version);

internal sealed record ClosureDocument(string Path, string Text);
