using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Evidence.Canonical;
using StellaOps.Telemetry.Evidence.Signing;
using ZstdSharp;

namespace StellaOps.Telemetry.Archive.Tests.Scrubbing;

/// <summary>One thing that somebody did to an archive.</summary>
/// <param name="Class">What kind of thing.</param>
/// <param name="Apply">Does it.</param>
internal sealed record Mutation(string Class, string Name, Action<MemoryStore> Apply);

/// <summary>Everything that an attacker with write access and no key, or with a key of another use, might do to the objects of an archive.</summary>
internal sealed class Mutations(MemoryStore archive, TestArchive keys)
{
    private const int Flips = 28;
    private static readonly string[] s_kinds =
        [ArchiveLayout.SegmentSuffix, ArchiveLayout.ManifestSuffix, ArchiveLayout.TombstoneSuffix, ArchiveLayout.RootSuffix, ArchiveLayout.RootAttestationSuffix, ArchiveLayout.RootLeavesSuffix];

    public IEnumerable<Mutation> All() =>
        s_kinds.SelectMany(Bytes).Concat(s_kinds.SelectMany(Swaps)).Concat(ManifestFields()).Concat(RootFields()).Concat(TombstoneFields()).Concat(Frames()).Concat(Strangers());

    /// <summary>Changed bytes from the first to the last, cut ends, longer ends, and no object at all.</summary>
    private IEnumerable<Mutation> Bytes(string kind)
    {
        foreach (var (key, bytes) in Of(kind))
        {
            for (var i = 0; i < Flips; i++)
            {
                var at = (int)((long)i * (bytes.Length - 1) / (Flips - 1));
                yield return new Mutation($"{kind}: a byte changed", $"{key}[{at}]", s => s[key] = [.. bytes[..at], (byte)(bytes[at] ^ (1 << (i % 8))), .. bytes[(at + 1)..]]);
            }

            foreach (var length in new[] { 0, 1, bytes.Length / 2, bytes.Length - 1 })
            {
                yield return new Mutation($"{kind}: cut", $"{key} to {length}", s => s[key] = bytes[..length]);
            }

            yield return new Mutation($"{kind}: longer", $"{key} and a byte", s => s[key] = [.. bytes, 0]);
            yield return new Mutation($"{kind}: longer", $"{key} twice", s => s[key] = [.. bytes, .. bytes]);
            yield return new Mutation($"{kind}: gone", key, s => s.Remove(key));
        }
    }

    private IEnumerable<Mutation> Swaps(string kind)
    {
        var all = Of(kind).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            for (var j = 0; j < all.Count; j++)
            {
                var (from, to) = (all[i], all[j]);
                if (i < j)
                {
                    yield return new Mutation($"{kind}: two swapped", $"{from.Key} and {to.Key}", s => (s[from.Key], s[to.Key]) = (to.Value, from.Value));
                }
                else if (i != j)
                {
                    yield return new Mutation($"{kind}: a copy for another", $"{from.Key} for {to.Key}", s => s[to.Key] = from.Value);
                }
            }
        }
    }

    private IEnumerable<Mutation> ManifestFields()
    {
        foreach (var (key, bytes) in Of(ArchiveLayout.ManifestSuffix))
        {
            foreach (var (field, changed) in FieldsOf(bytes))
            {
                yield return new Mutation("manifest: a field, in canonical form", $"{key} {field}", s => s[key] = changed);
            }
        }
    }

    /// <summary>Changed fields with the old attestation, with one by a stranger, and with one by the archive key itself.</summary>
    private IEnumerable<Mutation> RootFields()
    {
        foreach (var (key, bytes) in Of(ArchiveLayout.RootSuffix))
        {
            foreach (var (field, changed) in FieldsOf(bytes))
            {
                yield return new Mutation("root: a field", $"{key} {field}", s => s[key] = changed);
                if (DayRoot.TryParse(changed, out var root))
                {
                    foreach (var (who, signer) in new[] { ("a stranger", keys.Stranger), ("the archive key", keys.Key) })
                    {
                        var attestation = RootStore.Attest(root, signer);
                        var attestationKey = ArchiveLayout.TryGetName(key, ArchiveLayout.RootSuffix) + ArchiveLayout.RootAttestationSuffix;
                        yield return new Mutation($"root: a field, signed again by {who}", $"{key} {field}", s => (s[key], s[attestationKey]) = (changed, attestation));
                    }
                }
            }
        }
    }

    private IEnumerable<Mutation> TombstoneFields()
    {
        foreach (var (key, bytes) in Of(ArchiveLayout.TombstoneSuffix))
        {
            Dsse.TryParse(bytes, out var envelope);
            foreach (var (field, changed) in FieldsOf(envelope!.Payload.ToArray()))
            {
                var node = JsonNode.Parse(bytes)!;
                node["payload"] = Convert.ToBase64String(changed);
                var unsigned = Encoding.UTF8.GetBytes(node.ToJsonString());
                var forged = Dsse.Sign(Tombstone.PayloadType, changed, keys.Stranger, withKeyId: true);
                yield return new Mutation("tombstone: a field", $"{key} {field}", s => s[key] = unsigned);
                yield return new Mutation("tombstone: a field, signed by a stranger", $"{key} {field}", s => s[key] = forged);
            }

            // The archive key says that another chunk was here than the one that the root answers for.
            foreach (var (field, changed) in FieldsOf(Encoding.UTF8.GetBytes(JsonNode.Parse(envelope.Payload.Span)!["manifest"]!.ToJsonString())))
            {
                var node = JsonNode.Parse(envelope.Payload.Span)!;
                node["manifest"] = JsonNode.Parse(changed);
                var signed = Dsse.Sign(Tombstone.PayloadType, CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(node.ToJsonString())), keys.Key, withKeyId: true);
                yield return new Mutation("tombstone: another manifest in it, signed by the archive key", $"{key} {field}", s => s[key] = signed);
            }
        }
    }

    /// <summary>Segments written anew with other frames, and manifests that say so: what only the root, or for a chunk without one its name, gives away.</summary>
    private IEnumerable<Mutation> Frames()
    {
        foreach (var (key, bytes) in Of(ArchiveLayout.SegmentSuffix))
        {
            var manifestKey = ArchiveLayout.TryGetName(key, ArchiveLayout.SegmentSuffix) + ArchiveLayout.ManifestSuffix;
            if (!archive.Objects.TryGetValue(manifestKey, out var manifestBytes) || !ChunkManifest.TryParse(manifestBytes, out var manifest))
            {
                continue;
            }

            var frames = Split(new Decompressor().Unwrap(bytes).ToArray());
            foreach (var (what, changed) in FrameChanges(frames))
            {
                var content = changed.SelectMany(f => f).ToArray();
                var stored = new Compressor(3).Wrap(content).ToArray();
                var said = manifest with
                {
                    Batches = changed.Count,
                    Records = changed.Count * 2,
                    ContentBytes = content.Length,
                    ContentSha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
                    StoredBytes = stored.Length,
                    StoredSha256 = Convert.ToHexStringLower(SHA256.HashData(stored)),
                };
                yield return new Mutation("segment: other frames", $"{key} {what}", s => s[key] = stored);
                yield return new Mutation("segment: other frames, and a manifest that says so", $"{key} {what}", s => (s[key], s[manifestKey]) = (stored, said.ToJson()));
            }
        }
    }

    private static IEnumerable<(string What, IReadOnlyList<byte[]> Frames)> FrameChanges(IReadOnlyList<byte[]> frames)
    {
        yield return ("a frame left out", [.. frames.Skip(1)]);
        yield return ("the last frame left out", [.. frames.SkipLast(1)]);
        yield return ("a frame twice", [.. frames, frames[0]]);
        yield return ("another order", [.. frames.Reverse()]);
        foreach (var at in new[] { 8, 9, 10, 11, 12, 20, 24, 30, 40, 60, 80, 90 })
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"byte {at} of a frame"), [[.. frames[0][..at], (byte)(frames[0][at] ^ 1), .. frames[0][(at + 1)..]], .. frames.Skip(1)]);
        }

        yield return ("the last byte", [[.. frames[0][..^1], (byte)(frames[0][^1] ^ 1)], .. frames.Skip(1)]);
    }

    /// <summary>Objects that nobody of ours wrote, and whole links of the chain that are not there.</summary>
    private IEnumerable<Mutation> Strangers()
    {
        foreach (var key in new[] { "archive/v1/acme/traces/2026/03/01/10/notes.txt", "archive/v1/acme/other/2026/03/01/10/x.otlp.zst", "archive/v1/acme/roots/0000000001.txt", "archive/v1/acme/roots/1.root.json", "archive/v1/loose", "archive/v1/acme/traces/2026/03/01/x.otlp.zst" })
        {
            yield return new Mutation("a foreign object", key, s => s[key] = [1, 2, 3]);
        }

        foreach (var (key, bytes) in Of(ArchiveLayout.RootSuffix))
        {
            var name = ArchiveLayout.TryGetName(key, ArchiveLayout.RootSuffix);
            yield return new Mutation("root: gone with all that is its", key, s =>
            {
                s.Remove(key);
                s.Remove(name + ArchiveLayout.RootAttestationSuffix);
                s.Remove(name + ArchiveLayout.RootLeavesSuffix);
            });
        }

        foreach (var (key, _) in Of(ArchiveLayout.ManifestSuffix))
        {
            var name = ArchiveLayout.TryGetName(key, ArchiveLayout.ManifestSuffix);
            if (RootedManifests().Contains(key))
            {
                yield return new Mutation("chunk: gone whole", key, s =>
                {
                    s.Remove(key);
                    s.Remove(name + ArchiveLayout.SegmentSuffix);
                });
            }

            yield return new Mutation("chunk: under another name", key, s =>
            {
                s[name + "x" + ArchiveLayout.ManifestSuffix] = s[key];
                s[name + "x" + ArchiveLayout.SegmentSuffix] = s[name + ArchiveLayout.SegmentSuffix];
            });
        }
    }

    private HashSet<string> RootedManifests() =>
        [.. Of(ArchiveLayout.RootLeavesSuffix).SelectMany(l => Encoding.ASCII.GetString(l.Value).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[66..]))];

    /// <summary>Each field in turn changed, left out, and one more.</summary>
    private static IEnumerable<(string Field, byte[] Json)> FieldsOf(byte[] json)
    {
        foreach (var field in JsonNode.Parse(json)!.AsObject().Select(f => f.Key).ToList())
        {
            foreach (var (what, change) in new (string, Action<JsonObject>)[] { ("changed", o => o[field] = Other(o[field]!)), ("left out", o => o.Remove(field)) })
            {
                var node = JsonNode.Parse(json)!.AsObject();
                change(node);
                yield return ($"{field} {what}", CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(node.ToJsonString())));
            }
        }

        var more = JsonNode.Parse(json)!.AsObject();
        more["more"] = 1;
        yield return ("one more", CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(more.ToJsonString())));
    }

    /// <summary>A value of the same form.</summary>
    private static JsonNode Other(JsonNode value) => value switch
    {
        JsonArray { Count: > 0 } array => new JsonArray([.. array.Select(i => i!.DeepClone()), "zzz"]),
        JsonArray => new JsonArray("zzz"),
        JsonObject o => new JsonObject(o.Select(p => new KeyValuePair<string, JsonNode?>(p.Key, p.Key == "records" ? 7 : p.Value!.DeepClone()))),
        _ when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => value.GetValue<long>() + 1,
        _ => Other(value.GetValue<string>()),
    };

    private static string Other(string text) => text switch
    {
        "traces" => "logs",
        "acme" => "other",
        "expired" => "size",
        "compacted" => "expired",
        _ when long.TryParse(text, CultureInfo.InvariantCulture, out var number) => (number + 1).ToString(CultureInfo.InvariantCulture),
        _ when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ when text.Length == 64 => text[..^1] + (text[^1] == '0' ? '1' : '0'),
        _ => text + "x",
    };

    private static List<byte[]> Split(byte[] content)
    {
        var frames = new List<byte[]>();
        for (var at = 0; at < content.Length;)
        {
            var length = 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            frames.Add(content[at..(at + length)]);
            at += length;
        }

        return frames;
    }

    private IEnumerable<KeyValuePair<string, byte[]>> Of(string kind) => archive.Objects.Where(o => o.Key.EndsWith(kind, StringComparison.Ordinal));
}
