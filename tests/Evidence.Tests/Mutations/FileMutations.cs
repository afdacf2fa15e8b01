using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>What can be done to files without any key.</summary>
internal static class FileMutations
{
    public static IEnumerable<Mutation> Of(SoundBundle bundle, int archiveStep, int attestationStep)
    {
        var parts = bundle.Parts;
        return parts.SelectMany(p => Bits("archive: a bit", bundle, p, archiveStep))
            .Concat(Bits("provenance: a bit", bundle, bundle.Provenance, 1))
            .Concat(parts.SelectMany(p => Bits("plain signature: a bit", bundle, p + ".sig", 2)))
            .Concat(Bits("attestation: a bit", bundle, bundle.Attestation, attestationStep))
            .Concat(Bits("second signer: a bit", bundle, bundle.Further, attestationStep))
            .Concat(bundle.Files.Keys.Where(f => !f.EndsWith(".sh", StringComparison.Ordinal)).SelectMany(f => Lengths(bundle, f)))
            .Concat(Missing(bundle))
            .Concat(Extra(bundle))
            .Concat(parts.Count > 1 ? Swapped(bundle) : []);
    }

    /// <summary>One bit of each byte, another one each time.</summary>
    public static IEnumerable<Mutation> Bits(string @class, SoundBundle bundle, string file, int step) =>
        Bits(bundle.Files[file], step).Select(c => new Mutation(@class, $"{file} {c.What}", file, c.Bytes));

    public static IEnumerable<(string What, byte[] Bytes)> Bits(byte[] whole, int step)
    {
        for (var i = 0; i < whole.Length; i += step)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= (byte)(1 << (i / step % 8));
            yield return (string.Create(CultureInfo.InvariantCulture, $"byte {i}"), changed);
        }
    }

    private static IEnumerable<Mutation> Lengths(SoundBundle bundle, string file)
    {
        var whole = bundle.Files[file];
        foreach (var cut in new[] { 1, 4, whole.Length / 2, whole.Length })
        {
            yield return new Mutation("cut short", $"{file} by {cut}", file, whole[..^cut]);
            yield return new Mutation("cut at its beginning", $"{file} by {cut}", file, whole[cut..]);
        }

        byte[][] more = [[0], [(byte)'\n'], new byte[512], [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4], whole];
        foreach (var (tail, i) in more.Select((t, i) => (t, i)))
        {
            yield return new Mutation("trailing bytes", $"{file}, {i}", file, [.. whole, .. tail]);
            yield return new Mutation("leading bytes", $"{file}, {i}", file, [.. tail, .. whole]);
        }
    }

    private static IEnumerable<Mutation> Missing(SoundBundle bundle) =>
        bundle.Files.Keys.Where(f => !f.EndsWith(".sh", StringComparison.Ordinal)).Select(f => new Mutation("missing file", f, f, null));

    private static IEnumerable<Mutation> Extra(SoundBundle bundle)
    {
        var (first, last) = (bundle.Parts[0], bundle.Parts[^1]);
        var another = BundleFormat.PartFileName(SoundBundle.Name, bundle.Parts.Count == 1 ? 1 : bundle.Parts.Count + 1, int.MaxValue);
        yield return new Mutation("extra file", "a part more", another, bundle.Files[last]);
        yield return new Mutation("extra file", "a part more, and its signature", new Dictionary<string, byte[]?> { [another] = bundle.Files[last], [another + ".sig"] = bundle.Files[last + ".sig"] });
        yield return new Mutation("extra file", "a signature of no part", another + ".sig", bundle.Files[first + ".sig"]);
        yield return new Mutation("extra file", "a signature of a part far away", $"{SoundBundle.Name}.part0099.tar.zst.sig", bundle.Files[first + ".sig"]);
        yield return new Mutation("extra file", "an attestation that is none", $"{SoundBundle.Name}.{new string('0', 64)}.sigstore.json", Encoding.UTF8.GetBytes("{}"));
        yield return new Mutation("extra file", "an attestation under another key's name", $"{SoundBundle.Name}.{new string('0', 64)}.sigstore.json", bundle.Files[bundle.Further]);
        yield return new Mutation("extra file", bundle.Parts.Count == 1 ? "a part beside the whole" : "the whole beside parts", bundle.Parts.Count == 1 ? "b.part0002.tar.zst" : "b.tar.zst", bundle.Files[first]);
    }

    private static IEnumerable<Mutation> Swapped(SoundBundle bundle)
    {
        for (var i = 0; i < bundle.Parts.Count; i++)
        {
            for (var j = i + 1; j < bundle.Parts.Count; j++)
            {
                var (one, two) = (bundle.Parts[i], bundle.Parts[j]);
                var files = new Dictionary<string, byte[]?> { [one] = bundle.Files[two], [two] = bundle.Files[one] };
                yield return new Mutation("parts swapped", $"{i} and {j}", files);
                yield return new Mutation("parts swapped", $"{i} and {j} with signatures", new Dictionary<string, byte[]?>(files) { [one + ".sig"] = bundle.Files[two + ".sig"], [two + ".sig"] = bundle.Files[one + ".sig"] });
                yield return new Mutation("parts swapped", $"signatures of {i} and {j}", new Dictionary<string, byte[]?> { [one + ".sig"] = bundle.Files[two + ".sig"], [two + ".sig"] = bundle.Files[one + ".sig"] });
                yield return new Mutation("parts swapped", $"{i} twice", new Dictionary<string, byte[]?> { [two] = bundle.Files[one], [two + ".sig"] = bundle.Files[one + ".sig"] });
            }
        }
    }
}
