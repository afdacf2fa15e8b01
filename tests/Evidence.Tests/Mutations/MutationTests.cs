using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Tests.TestServices;

namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>The table of docs/verification.md: whatever is changed in a bundle, the verifier finds it.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task OfOnePart_SignedByKeys()
    {
        using var bundle = await SoundBundle.CreateAsync(4);
        await TryAllAsync("one part, signed by keys", bundle, 600, [.. FileMutations.Of(bundle, 2, 24), .. await SignatureMutations.OfAsync(bundle, 12)]);
    }

    [Fact]
    public async Task OfOnePart_WhatTheRightKeysSigned()
    {
        // Without times, which take long to make and are not what is changed here.
        using var bundle = await SoundBundle.CreateAsync(2, hasTime: false);
        await TryAllAsync("one part, lies that the right keys signed", bundle, 400, await ContentMutations.OfAsync(bundle));
    }

    [Fact]
    public async Task OfSeveralParts()
    {
        using var bundle = await SoundBundle.CreateAsync(20, 4_000);
        Assert.True(bundle.Parts.Count >= 3);
        await TryAllAsync("several parts", bundle, 200, [.. FileMutations.Of(bundle, 23, 40)]);
    }

    [Fact]
    public async Task SignedByCertificate()
    {
        using var bundle = await SoundBundle.CreateAsync(1, isOfPerson: true);
        await TryAllAsync("signed by a certificate", bundle, 300, await SignatureMutations.OfAsync(bundle, 16));
    }

    private async Task TryAllAsync(string what, SoundBundle bundle, int atLeast, IReadOnlyList<Mutation> mutations)
    {
        Assert.True(await VerifyAsync(bundle, null) is { Ok: true }, Faults(await VerifyAsync(bundle, null)));
        var missed = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(mutations, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (mutation, _) =>
        {
            if ((await VerifyAsync(bundle, mutation)).Ok)
            {
                missed.Add($"{mutation.Class}: {mutation.What}");
            }
        });
        output.WriteLine(Table(what, mutations, missed));
        Assert.Empty(missed.Order());
        Assert.True(mutations.Count >= atLeast, $"{mutations.Count} mutations");
    }

    private static async Task<BundleVerification> VerifyAsync(SoundBundle bundle, Mutation? mutation)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, content) in bundle.Files.Where(f => mutation is null || !mutation.Files.ContainsKey(f.Key)).Select(f => (f.Key, (byte[]?)f.Value)).Concat((mutation?.Files ?? new Dictionary<string, byte[]?>()).Select(f => (f.Key, f.Value))))
        {
            if (content is not null)
            {
                await File.WriteAllBytesAsync(folder.At(name), content);
            }
        }

        return await new BundleVerifier(new TestFrames()) { MaxPartBytes = 2_000_000 }.VerifyAsync(folder.At(SoundBundle.Name), bundle.Demand, default);
    }

    private static string Table(string what, IReadOnlyList<Mutation> mutations, IReadOnlyCollection<string> missed)
    {
        var table = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"| {what} | tried | caught |").AppendLine("|---|---|---|");
        foreach (var row in mutations.GroupBy(m => m.Class).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"| {row.Key} | {row.Count()} | {row.Count() - missed.Count(m => m.StartsWith(row.Key + ": ", StringComparison.Ordinal))} |");
        }

        return table.AppendLine(CultureInfo.InvariantCulture, $"| all | {mutations.Count} | {mutations.Count - missed.Count} |").ToString();
    }

    private static string Faults(BundleVerification result) => string.Join("\n", result.Checks.Where(c => !c.Ok).Select(c => $"{c.Name}: {c.Detail}"));
}
