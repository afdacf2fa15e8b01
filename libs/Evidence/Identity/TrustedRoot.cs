using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Identity;

/// <summary>
/// A Sigstore trusted root, as <c>cosign trusted-root create</c> writes it
/// (https://github.com/sigstore/protobuf-specs/blob/v0.4.1/protos/sigstore_trustroot.proto).
/// </summary>
/// <param name="Logs">Transparency logs that it names, of both kinds. Nothing here asks or judges them.</param>
public sealed record TrustedRoot(IReadOnlyList<AuthorityChain> CertificateAuthorities, IReadOnlyList<AuthorityChain> TimestampAuthorities, int Logs)
{
    /// <summary>The longest file that is read.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string MediaTypeHead = "application/vnd.dev.sigstore.trustedroot";

    /// <summary>Reads one.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out TrustedRoot? root, out string error)
    {
        root = null;
        error = $"not a Sigstore trusted root ({MediaTypeHead}+json;version=0.1)";
        if (json.Length > MaxBytes)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            var element = document.RootElement;
            if (element.ValueKind != JsonValueKind.Object
                || !element.TryGetProperty("mediaType", out var media) || media.ValueKind != JsonValueKind.String || !media.GetString()!.StartsWith(MediaTypeHead, StringComparison.Ordinal))
            {
                return false;
            }

            root = new TrustedRoot(Authorities(element, "certificateAuthorities"), Authorities(element, "timestampAuthorities"), Count(element, "tlogs") + Count(element, "ctlogs"));
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or CryptographicException)
        {
            error = $"{error}: {e.Message}";
            return false;
        }
    }

    private static List<AuthorityChain> Authorities(JsonElement root, string name)
    {
        var chains = new List<AuthorityChain>();
        if (Given(root, name) is { } list)
        {
            foreach (var one in list.EnumerateArray())
            {
                var certificates = one.GetProperty("certChain").GetProperty("certificates").EnumerateArray()
                    .Select(c => X509CertificateLoader.LoadCertificate(c.GetProperty("rawBytes").GetBytesFromBase64())).ToList();
                chains.Add(new AuthorityChain(Given(one, "uri")?.GetString() ?? certificates[0].Subject, certificates, Period(one)));
            }
        }

        return chains;
    }

    private static ValidityPeriod Period(JsonElement one) => Given(one, "validFor") is { } period
        ? new ValidityPeriod(Given(period, "start")?.GetDateTimeOffset(), Given(period, "end")?.GetDateTimeOffset())
        : default;

    private static int Count(JsonElement root, string name) => Given(root, name)?.GetArrayLength() ?? 0;

    /// <summary>The field's value; protobuf's JSON writes a field that is not set as null, or not at all.</summary>
    private static JsonElement? Given(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
