using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>What can be done inside the two attestations, in each field and below it, without the signers' keys.</summary>
internal static class SignatureMutations
{
    private delegate SigstoreBundle Rebuild(SigstoreBundle bundle, byte[] bytes);

    public static async Task<List<Mutation>> OfAsync(SoundBundle bundle, int derStep)
    {
        var all = new List<Mutation>();
        foreach (var file in new[] { bundle.Attestation, bundle.Further })
        {
            all.AddRange(Fields(bundle, file));
            all.AddRange(Der(bundle, file, derStep));
            all.AddRange(Payload(bundle, file));
        }

        all.AddRange(await ByOthersAsync(bundle));
        return all;
    }

    /// <summary>Each value of the JSON taken away, doubled, changed, and one more beside it; and the same JSON written another way.</summary>
    private static IEnumerable<Mutation> Fields(SoundBundle bundle, string file)
    {
        var text = Encoding.UTF8.GetString(bundle.Files[file]);
        var paths = Paths(JsonNode.Parse(text)!).ToList();
        for (var i = 0; i < paths.Count; i++)
        {
            foreach (var (what, change) in s_changes)
            {
                var copy = JsonNode.Parse(text)!;
                var node = Paths(copy).ElementAt(i);
                var path = node.GetPath();
                change(node);
                if (!JsonNode.DeepEquals(copy, JsonNode.Parse(text)))
                {
                    yield return new Mutation("attestation: a field", $"{file}: {path} {what}", file, Relaxed(copy));
                }
            }

            var name = paths[i].Parent is JsonObject ? paths[i].GetPropertyName() : null;
            if (name is not null)
            {
                yield return new Mutation("attestation: a field twice", $"{file}: {name}", file, Encoding.UTF8.GetBytes(Twice(text, name)));
            }
        }

        foreach (var (from, to) in new[] { (":", ": "), (",", ", "), ("{", "{\n"), ("/", "\\/"), ("a", "\\u0061") })
        {
            yield return new Mutation("attestation: written another way", $"{file}: {to.Trim()}", file, Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));
        }
    }

    private static readonly (string What, Action<JsonNode> Change)[] s_changes =
    [
        ("taken away", node =>
        {
            if (node.Parent is JsonObject parent)
            {
                parent.Remove(node.GetPropertyName());
            }
            else if (node.Parent is JsonArray list)
            {
                list.RemoveAt(node.GetElementIndex());
            }
        }),
        ("null", node => Set(node, null)),
        ("a number", node => Set(node, 1)),
        ("empty", node => Set(node, "")),
        ("one character changed", node =>
        {
            if (node is JsonValue value && value.TryGetValue<string>(out var old))
            {
                Set(value, old[..^3] + (old[^3] == 'A' ? 'B' : 'A') + old[^2..]);
            }
        }),
        ("an unknown field in it", node =>
        {
            if (node is JsonObject inside)
            {
                inside["x"] = "y";
            }
        }),
        ("a key id in it", node =>
        {
            if (node is JsonObject inside && inside.ContainsKey("sig"))
            {
                inside.Insert(0, "keyid", "x");
            }
        }),
        ("doubled", node =>
        {
            if (node is JsonArray list)
            {
                list.Add(list[0]!.DeepClone());
            }
        }),
    ];

    /// <summary>One bit of each byte of what base64 hides: signature, timestamp, certificate.</summary>
    private static IEnumerable<Mutation> Der(SoundBundle bundle, string file, int step)
    {
        var parsed = bundle.Parsed(file);
        var certificate = parsed.Certificate;
        (string Class, ReadOnlyMemory<byte> Bytes, int Step, Rebuild Rebuild)[] places =
        [
            ("signature: a bit", parsed.Signature, 1, (b, x) => New(b, envelope: b.Envelope! with { Signature = x })),
            ("timestamp: a bit", parsed.Timestamps[0], step, (b, x) => New(b, timestamp: x)),
            .. certificate is { } der ? [("certificate: a bit", der, 2, (b, x) => New(b, certificate: x))] : Array.Empty<(string, ReadOnlyMemory<byte>, int, Rebuild)>(),
        ];
        foreach (var (@class, bytes, every, rebuild) in places)
        {
            foreach (var (what, changed) in FileMutations.Bits(bytes.ToArray(), every))
            {
                yield return new Mutation(@class, $"{file} {what}", file, SigstoreBundleWriter.Write(rebuild(parsed, changed)));
            }

            foreach (var changed in new byte[][] { [], bytes.ToArray()[..^1], [.. bytes.ToArray(), 0], [0, .. bytes.ToArray()] })
            {
                yield return new Mutation(@class, $"{file} {changed.Length} bytes", file, SigstoreBundleWriter.Write(rebuild(parsed, changed)));
            }
        }
    }

    /// <summary>Each character of the statement, which nobody signed anew.</summary>
    private static IEnumerable<Mutation> Payload(SoundBundle bundle, string file)
    {
        var parsed = bundle.Parsed(file);
        foreach (var (what, changed) in FileMutations.Bits(parsed.Envelope!.Payload.ToArray(), 4))
        {
            yield return new Mutation("statement: a bit", $"{file} {what}", file, SigstoreBundleWriter.Write(New(parsed, envelope: parsed.Envelope with { Payload = changed })));
        }
    }

    /// <summary>What somebody with a key of their own, or with another signature of the right ones, puts in place.</summary>
    private static async Task<List<Mutation>> ByOthersAsync(SoundBundle bundle)
    {
        using var stranger = SigningKey.Create();
        using var strangeTsa = new TestTimestampAuthority();
        Assert.True(Statement.TryParse(bundle.Parsed(bundle.Attestation).Envelope!.Payload.Span, out var statement));
        var (first, second) = (bundle.Parsed(bundle.Attestation), bundle.Parsed(bundle.Further));
        var theirs = SigstoreBundle.SignStatement(statement, stranger);
        var stamped = await SigstoreBundle.SignStatementAsync(statement, new SigstoreSigner(stranger, null, bundle.Tsa.Stamper), default);
        var digest = Convert.FromHexString(bundle.Written.Parts[0].Sha256);
        var late = new DateTimeOffset(bundle.Tsa.Certificate.NotAfter.ToUniversalTime()).AddDays(1);
        bundle.Tsa.Now = () => late;
        var afterItsEnd = bundle.Tsa.Stamp(first.Signature.Span);
        bundle.Tsa.Now = TimeProvider.System.GetUtcNow;
        Mutation In(string @class, string what, string file, byte[] content) => new(@class, what, file, content);
        return
        [
            In("another's key", "first attestation", bundle.Attestation, theirs),
            In("another's key", "first attestation, with a good time", bundle.Attestation, stamped),
            In("another's key", "second attestation", bundle.Further, stamped),
            In("another's key", "plain signature", bundle.Parts[0] + ".sig", PlainSignature.Sign(digest, stranger)),
            In("signers swapped", "the second's twice", bundle.Attestation, bundle.Files[bundle.Further]),
            In("signers swapped", "the first's twice", bundle.Further, bundle.Files[bundle.Attestation]),
            new("signers swapped", "each in the other's place", new Dictionary<string, byte[]?> { [bundle.Attestation] = bundle.Files[bundle.Further], [bundle.Further] = bundle.Files[bundle.Attestation] }),
            In("signers swapped", "the second's signature", bundle.Attestation, SigstoreBundleWriter.Write(New(first, envelope: second.Envelope))),
            In("timestamp: another's", "the second signer's", bundle.Attestation, SigstoreBundleWriter.Write(New(first, timestamp: second.Timestamps[0].ToArray()))),
            In("timestamp: another's", "a stranger's", bundle.Attestation, SigstoreBundleWriter.Write(New(first, timestamp: strangeTsa.Stamp(first.Signature.Span)))),
            In("timestamp: another's", "a stranger's beside it", bundle.Attestation, SigstoreBundleWriter.Write(first.With(strangeTsa.Stamp(first.Signature.Span)))),
            In("timestamp: another's", "of the statement", bundle.Attestation, SigstoreBundleWriter.Write(New(first, timestamp: bundle.Tsa.Stamp(first.Envelope!.Payload.Span)))),
            In("timestamp: another's", "after the authority's end", bundle.Attestation, SigstoreBundleWriter.Write(New(first, timestamp: afterItsEnd))),
            In("timestamp: another's", "none", bundle.Attestation, SigstoreBundleWriter.Write(New(first, hasNone: true))),
            In("timestamp: another's", "twice", bundle.Attestation, SigstoreBundleWriter.Write(first.With(first.Timestamps[0]))),
            In("legacy form", "a bundle with a key of its own", bundle.Attestation, Encoding.UTF8.GetBytes($$"""{"base64Signature":"{{Convert.ToBase64String(first.Signature.Span)}}","cert":"{{Convert.ToBase64String(Encoding.ASCII.GetBytes(stranger.Public.ToPem()))}}"}""")),
            In("legacy form", "version 0.1", bundle.Attestation, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bundle.Files[bundle.Attestation]).Replace("bundle.v0.3+json", "bundle+json;version=0.1", StringComparison.Ordinal))),
            In("legacy form", "a message instead of a statement", bundle.Attestation, SigstoreBundle.SignMessage(digest, bundle.First.Key)),
        ];
    }

    private static SigstoreBundle New(SigstoreBundle of, ReadOnlyMemory<byte>? certificate = null, byte[]? timestamp = null, DsseEnvelope? envelope = null, bool hasNone = false) =>
        new(of.KeyHint, certificate ?? of.Certificate, hasNone ? [] : timestamp is null ? of.Timestamps : [timestamp], 0, envelope ?? of.Envelope, null);

    private static IEnumerable<JsonNode> Paths(JsonNode node)
    {
        var children = node switch
        {
            JsonObject inside => inside.Select(p => p.Value!),
            JsonArray list => list.Select(i => i!),
            _ => [],
        };
        foreach (var child in children.ToList())
        {
            yield return child;
            foreach (var below in Paths(child))
            {
                yield return below;
            }
        }
    }

    private static void Set(JsonNode node, JsonNode? value)
    {
        if (node.Parent is JsonObject inside)
        {
            inside[node.GetPropertyName()] = value;
        }
        else if (node.Parent is JsonArray list)
        {
            list[node.GetElementIndex()] = value;
        }
    }

    private static byte[] Relaxed(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    /// <summary>The same name again, before itself, with another value.</summary>
    private static string Twice(string text, string name)
    {
        var at = text.IndexOf($"\"{name}\":", StringComparison.Ordinal);
        return text.Insert(at, $"\"{name}\":\"x\",");
    }
}
