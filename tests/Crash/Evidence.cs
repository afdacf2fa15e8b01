using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Crash;

/// <summary>Reads what the gateway left: the archive's segments, and dead letters that have a reason.</summary>
internal static class Evidence
{
    /// <summary>
    /// Reads every segment that the archive shows, each of which has to be whole. A record may lie in several that a restart cut differently;
    /// it is the same one as long as it is of the same batch of the log. Returns how many are not.
    /// </summary>
    public static async Task<int> ReadArchiveAsync(Account account, IObjectStore store, CancellationToken cancellationToken)
    {
        var batches = new Dictionary<long, (string Gateway, ulong Sequence)>();
        var twice = 0;
        var catalog = new ArchiveCatalog(store);
        await foreach (var found in store.ListAsync(ArchiveLayout.Root, cancellationToken))
        {
            if (!found.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal))
            {
                continue;
            }

            var manifest = await catalog.ReadAsync(found.Key, cancellationToken);
            await foreach (var (envelope, payload) in SegmentReader.ReadAsync(store, manifest, cancellationToken))
            {
                foreach (var number in account.Seen(payload.Span, Fate.Archived))
                {
                    if (!batches.TryAdd(number, (envelope.GatewayId, envelope.Sequence)) && batches[number] != (envelope.GatewayId, envelope.Sequence))
                    {
                        twice++;
                    }
                }
            }
        }

        return twice;
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
