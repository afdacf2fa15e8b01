using ZstdSharp;

namespace StellaOps.Telemetry.Crash;

/// <summary>Reads what the gateway left on the disk: the archive's complete segments, and dead letters that have a reason.</summary>
internal static class Evidence
{
    public static void ReadArchive(Account account, string folder)
    {
        foreach (var manifest in Directory.EnumerateFiles(folder, "*.manifest.json", SearchOption.AllDirectories))
        {
            using var stream = new DecompressionStream(File.OpenRead(manifest.Replace(".manifest.json", ".otlp.zst", StringComparison.Ordinal)));
            using var content = new MemoryStream();
            stream.CopyTo(content);
            account.Seen(content.GetBuffer().AsSpan(0, (int)content.Length), Fate.Archived);
        }
    }

    /// <summary>Returns those without a reason.</summary>
    public static int ReadDeadLetters(Account account, string dataPath)
    {
        var folder = Path.Combine(dataPath, "deadletter", "store");
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        var without = 0;
        foreach (var letter in Directory.EnumerateFiles(folder, "*.otlp"))
        {
            var reason = Path.ChangeExtension(letter, ".json");
            if (File.Exists(reason) && File.ReadAllText(reason).Contains("too old", StringComparison.Ordinal))
            {
                account.Seen(File.ReadAllBytes(letter), Fate.DeadLettered);
            }
            else
            {
                without++;
            }
        }

        return without;
    }
}
