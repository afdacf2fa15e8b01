using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Canonical;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>Lies that the right keys signed: what the archive holds, and what is said of it, is judged all the same.</summary>
internal static class ContentMutations
{
    /// <summary>Fields of a ustar header (POSIX.1-1988): offset and length.</summary>
    private static readonly (string Name, int At, int Length)[] s_header =
    [
        ("name", 0, 100), ("mode", 100, 8), ("uid", 108, 8), ("gid", 116, 8), ("size", 124, 12), ("mtime", 136, 12), ("chksum", 148, 8), ("typeflag", 156, 1),
        ("linkname", 157, 100), ("magic", 257, 6), ("version", 263, 2), ("uname", 265, 32), ("gname", 297, 32), ("devmajor", 329, 8), ("devminor", 337, 8), ("prefix", 345, 155), ("end", 500, 12),
    ];

    public static async Task<List<Mutation>> OfAsync(SoundBundle bundle)
    {
        var tar = Unpack(bundle.Files[bundle.Parts[0]]);
        var entries = Entries(tar);
        var all = new List<Mutation>();
        foreach (var (@class, what, changed) in Headers(entries).Concat(Order(entries)).Concat(Frames(entries)).Concat(Manifests(entries)).Concat(Ends(tar)))
        {
            all.Add(new Mutation(@class, what, await bundle.SignedAsync(Pack(changed))));
        }

        foreach (var (what, statement) in Statements(bundle))
        {
            all.Add(new Mutation("signed: statement", what, await bundle.AttestedAsync(statement)));
        }

        return all;
    }

    private static IEnumerable<(string, string, byte[])> Headers(List<byte[]> entries)
    {
        for (var e = 0; e < entries.Count; e++)
        {
            foreach (var (name, at, length) in s_header)
            {
                foreach (var offset in new[] { 0, length / 2, length - 1 }.Distinct())
                {
                    foreach (var isMended in name == "chksum" ? [false] : new[] { true, false })
                    {
                        var changed = (byte[])entries[e].Clone();
                        changed[at + offset] ^= (byte)(changed[at + offset] == 0 ? 'x' : 1);
                        if (isMended)
                        {
                            MendChecksum(changed);
                        }

                        yield return ("signed: tar header", $"entry {e}, {name} at {offset}{(isMended ? ", checksum mended" : "")}", Tar(With(entries, e, changed)));
                    }
                }
            }

            foreach (var name in new[] { "/etc/passwd", "../x", "data/../x", "./data/logs.otlp", "data//logs.otlp", "DATA/LOGS.OTLP", "data/logs.otlp/", "data\\logs.otlp", "manifest.json\0x", "" })
            {
                var changed = (byte[])entries[e].Clone();
                changed.AsSpan(0, 100).Clear();
                Encoding.ASCII.GetBytes(name, changed);
                MendChecksum(changed);
                yield return ("signed: entry's name", $"entry {e}: {name}", Tar(With(entries, e, changed)));
            }

            foreach (var type in "1234567gxLKSVA\0")
            {
                var changed = (byte[])entries[e].Clone();
                changed[156] = (byte)type;
                MendChecksum(changed);
                yield return ("signed: entry's type", $"entry {e}: {(int)type}", Tar(With(entries, e, changed)));
            }
        }
    }

    private static IEnumerable<(string, string, byte[])> Order(List<byte[]> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            yield return ("signed: order of entries", $"{i} twice", Tar([.. entries[..i], entries[i], .. entries[i..]]));
            yield return ("signed: order of entries", $"without {i}", Tar([.. entries[..i], .. entries[(i + 1)..]]));
            for (var j = i + 1; j < entries.Count; j++)
            {
                yield return ("signed: order of entries", $"{i} and {j} swapped", Tar(With(With(entries, i, entries[j]), j, entries[i])));
            }
        }

        foreach (var name in new[] { "aaa", "data/extra.otlp", "data/logs.0002.otlp", "data/logs.0003.otlp", "zzz", "nested.tar.zst" })
        {
            var extra = Entry(name, "xxxx"u8.ToArray());
            yield return ("signed: entry more", $"{name} first", Tar([extra, .. entries]));
            yield return ("signed: entry more", $"{name} last", Tar([.. entries, extra]));
            yield return ("signed: entry more", $"{name} second", Tar([entries[0], extra, .. entries[1..]]));
        }
    }

    private static IEnumerable<(string, string, byte[])> Frames(List<byte[]> entries)
    {
        for (var e = 0; e < entries.Count - 1; e++)
        {
            var frames = FramesOf(entries[e]);
            byte[] Again(IEnumerable<byte[]> changed) => Tar(With(entries, e, Entry(NameOf(entries[e]), [.. changed.SelectMany(f => f)])));
            for (var i = 0; i < frames.Count; i++)
            {
                yield return ("signed: records", $"entry {e}: without {i}", Again([.. frames[..i], .. frames[(i + 1)..]]));
                yield return ("signed: records", $"entry {e}: {i} twice", Again([.. frames[..i], frames[i], .. frames[i..]]));
                var changed = (byte[])frames[i].Clone();
                changed[^1] ^= 1;
                yield return ("signed: records", $"entry {e}: last byte of {i}", Again(With(frames, i, changed)));
                foreach (var at in new[] { 0, 3 })
                {
                    changed = (byte[])frames[i].Clone();
                    changed[at] ^= 1;
                    yield return ("signed: frame's length", $"entry {e}: {i} at {at}", Again(With(frames, i, changed)));
                }

                if (i > 0)
                {
                    yield return ("signed: order of records", $"entry {e}: {i - 1} and {i} swapped", Again(With(With(frames, i, frames[i - 1]), i - 1, frames[i])));
                }
            }
        }
    }

    private static IEnumerable<(string, string, byte[])> Manifests(List<byte[]> entries)
    {
        var manifest = JsonNode.Parse(ContentOf(entries[^1]))!;
        byte[] Again(byte[] json) => Tar(With(entries, entries.Count - 1, Entry("manifest.json", json)));
        foreach (var (what, changed) in Lies(manifest))
        {
            yield return ("signed: manifest", what, Again(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(changed))));
        }

        var text = Encoding.UTF8.GetString(ContentOf(entries[^1]));
        foreach (var (from, to) in new[] { (":", ": "), ("{", "{\n"), (",", " ,"), ("s", "\\u0073") })
        {
            yield return ("signed: manifest", $"written with {to.Trim()}", Again(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal))));
        }
    }

    private static IEnumerable<(string, string, byte[])> Ends(byte[] tar)
    {
        yield return ("signed: tar's end", "one zero block", tar[..^512]);
        yield return ("signed: tar's end", "none", tar[..^1024]);
        yield return ("signed: tar's end", "three zero blocks", [.. tar, .. new byte[512]]);
        yield return ("signed: tar's end", "bytes after it", [.. tar, .. "x"u8]);
        yield return ("signed: tar's end", "a zero block in front", [.. new byte[512], .. tar]);
        yield return ("signed: tar's end", "a bomb", [.. tar[..^1024], .. Entry("zzz", new byte[3_000_000]), .. new byte[1024]]);
        foreach (var (what, changed) in FileMutations.Bits(tar, 97))
        {
            yield return ("signed: any byte of the tar", what, changed);
        }
    }

    private static IEnumerable<(string, Statement)> Statements(SoundBundle bundle)
    {
        Assert.True(Statement.TryParse(bundle.Parsed(bundle.Attestation).Envelope!.Payload.Span, out var statement));
        var subjects = statement.Subject.ToList();
        foreach (var kind in new[] { "profile", "approval", "deployment", "day-root", "kit", "bundle/v2" })
        {
            yield return ($"predicate type {kind}", statement with { PredicateType = $"https://stella-ops.org/telemetry/{kind}/v1" });
        }

        for (var i = 0; i < subjects.Count; i++)
        {
            yield return ($"without subject {i}", statement with { Subject = [.. subjects[..i], .. subjects[(i + 1)..]] });
            yield return ($"subject {i} twice", statement with { Subject = [.. subjects, subjects[i]] });
            yield return ($"subject {i} renamed", statement with { Subject = With(subjects, i, subjects[i] with { Name = "x" + subjects[i].Name }) });
            yield return ($"subject {i} of other content", statement with { Subject = With(subjects, i, subjects[i] with { Digest = new StatementDigest(new string('0', 64)) }) });
        }

        yield return ("subjects in another order", statement with { Subject = [.. subjects[1..], subjects[0]] });
        yield return ("a subject more", statement with { Subject = [.. subjects, new StatementSubject("x", subjects[0].Digest)] });
        foreach (var (what, changed) in Lies(JsonNode.Parse(statement.Predicate.GetRawText())!))
        {
            using var predicate = JsonDocument.Parse(changed);
            yield return ($"predicate: {what}", statement with { Predicate = predicate.RootElement.Clone() });
        }
    }

    /// <summary>Each value of a document changed, taken away, and one more beside it.</summary>
    private static IEnumerable<(string, string)> Lies(JsonNode document)
    {
        var text = document.ToJsonString();
        var count = Leaves(document).Count();
        for (var i = 0; i < count; i++)
        {
            foreach (var what in new[] { "changed", "taken away", "of another type", "with one beside it" })
            {
                var copy = JsonNode.Parse(text)!;
                var leaf = Leaves(copy).ElementAt(i);
                var path = leaf.GetPath();
                switch (what)
                {
                    case "changed": leaf.ReplaceWith(leaf.GetValueKind() == JsonValueKind.Number ? JsonValue.Create((long)leaf + 1) : JsonValue.Create(Changed((string)leaf!))); break;
                    case "of another type": leaf.ReplaceWith(leaf.GetValueKind() == JsonValueKind.Number ? JsonValue.Create(leaf.ToJsonString()) : JsonValue.Create(1)); break;
                    case "taken away" when leaf.Parent is JsonObject parent: parent.Remove(leaf.GetPropertyName()); break;
                    case "taken away": leaf.Parent!.AsArray().Remove(leaf); break;
                    default:
                        if (leaf.Parent is JsonObject beside)
                        {
                            beside["zz"] = leaf.DeepClone();
                        }
                        else
                        {
                            leaf.Parent!.AsArray().Add(leaf.DeepClone());
                        }

                        break;
                }

                yield return ($"{path} {what}", copy.ToJsonString());
            }
        }
    }

    private static string Changed(string text) => text.Length == 0 ? "x" : (text[0] == '0' ? '1' : '0') + text[1..];

    private static IEnumerable<JsonNode> Leaves(JsonNode node) => node switch
    {
        JsonObject inside => inside.SelectMany(p => Leaves(p.Value!)),
        JsonArray list => list.SelectMany(i => Leaves(i!)),
        _ => [node],
    };

    private static void MendChecksum(byte[] entry)
    {
        entry.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        for (var i = 0; i < Ustar.BlockBytes; i++)
        {
            sum += entry[i];
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", entry.AsSpan(148));
    }

    private static List<T> With<T>(List<T> list, int at, T value) => [.. list[..at], value, .. list[(at + 1)..]];

    private static byte[] Entry(string name, byte[] content) => [.. Ustar.Header(name, content.Length), .. content, .. new byte[Ustar.Padding(content.Length)]];

    private static byte[] Tar(IEnumerable<byte[]> entries) => [.. entries.SelectMany(e => e), .. Ustar.EndOfArchive];

    private static string NameOf(byte[] entry) => Encoding.ASCII.GetString(entry.AsSpan(0, entry.AsSpan(0, 100).IndexOf((byte)0)));

    private static byte[] ContentOf(byte[] entry) => entry[Ustar.BlockBytes..(Ustar.BlockBytes + SizeOf(entry))];

    private static int SizeOf(byte[] entry) => Convert.ToInt32(Encoding.ASCII.GetString(entry.AsSpan(124, 11)), 8);

    private static List<byte[]> Entries(byte[] tar)
    {
        var entries = new List<byte[]>();
        for (var at = 0; tar[at] != 0;)
        {
            var length = (int)Ustar.EntryBytes(Convert.ToInt32(Encoding.ASCII.GetString(tar.AsSpan(at + 124, 11)), 8));
            entries.Add(tar[at..(at + length)]);
            at += length;
        }

        return entries;
    }

    private static List<byte[]> FramesOf(byte[] entry)
    {
        var content = ContentOf(entry);
        var frames = new List<byte[]>();
        for (var at = 0; at < content.Length;)
        {
            var length = 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            frames.Add(content[at..(at + length)]);
            at += length;
        }

        return frames;
    }

    private static byte[] Pack(byte[] tar)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(tar).ToArray();
    }

    private static byte[] Unpack(byte[] archive)
    {
        using var source = new MemoryStream(archive);
        using var zstd = new ZstdSharp.DecompressionStream(source);
        using var tar = new MemoryStream();
        zstd.CopyTo(tar);
        return tar.ToArray();
    }
}
