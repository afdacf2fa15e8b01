using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Signing;
using ZstdSharp;

namespace StellaOps.Telemetry.Evidence.Tests.TestServices;

/// <summary>A small kit: programs, documents, a path that needs both fields of a tar header, and something that does not compress.</summary>
internal static class TestKit
{
    public const string Name = "kit-1.0.0";

    public static readonly DateTimeOffset Date = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static SortedDictionary<string, byte[]> Files(int noiseBytes = 20_000) => new(StringComparer.Ordinal)
    {
        ["bin/stella"] = "#!/bin/sh\nexit 0\n"u8.ToArray(),
        ["docs/index.html"] = "<p>hello</p>"u8.ToArray(),
        ["empty"] = [],
        ["linux-x64/" + string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 5)) + "/GMT+1"] = "zone"u8.ToArray(),
        ["noise.bin"] = Noise(noiseBytes),
    };

    public static KitManifest Manifest(IReadOnlyDictionary<string, byte[]> files, string version = "1.0.0", DateTimeOffset? date = null) => new(
        KitManifest.SchemaId,
        Name,
        version,
        new KitSource("0123456789abcdef0123456789abcdef01234567", date ?? Date),
        (date ?? Date).AddDays(90),
        ["linux-arm64", "linux-x64"],
        [new KitComponent("runtime", "10.0.12", "linux-x64")],
        [new KitProfile("default", new string('a', 64))],
        [new KitMigrations("profile-service", 2, "0002-x.sql")],
        [new KitTrustedKey("kit", new string('b', 64), ["kit"])],
        [new KitImage("docker.io/library/redis:8", Included: false)],
        [new KitAbsence("SLOs", "there are none")],
        [.. files.Select(f => new KitFile(f.Key, f.Value.Length, Convert.ToHexStringLower(SHA256.HashData(f.Value)), f.Key.StartsWith("bin/", StringComparison.Ordinal) ? KitFile.Executable : KitFile.Plain))]);

    /// <summary>Writes and signs it, with a script beside.</summary>
    public static async Task<KitDelivery> WriteAsync(string folder, SigningKey key, string version = "1.0.0", DateTimeOffset? date = null, int noiseBytes = 20_000)
    {
        var files = Files(noiseBytes);
        files["version.txt"] = Encoding.ASCII.GetBytes(version);
        var manifest = Manifest(files, version, date);
        var delivery = new KitDelivery(folder, Name);
        var sha256 = await KitWriter.WriteAsync(delivery.Archive, manifest, f => new MemoryStream(files[f.Path]), null, default);
        var script = Path.Combine(folder, "script.source");
        await File.WriteAllTextAsync(script, "#!/bin/sh\necho hello\n");
        await KitSigner.SignAsync(delivery, sha256, manifest, [("import.sh", script)], key, default);
        File.Delete(script);
        return delivery;
    }

    /// <summary>A Zstandard frame around these blocks.</summary>
    public static void WriteArchive(string path, IEnumerable<byte[]> blocks)
    {
        using var file = File.Create(path);
        using var tar = new CompressionStream(file, 1, leaveOpen: true);
        foreach (var block in blocks)
        {
            tar.Write(block);
        }
    }

    private static byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
