using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>Finds segments by their manifests.</summary>
public sealed class ArchiveCatalog(IObjectStore store)
{
    /// <summary>
    /// The manifests of a tenant's segments that may hold records accepted in the window, in ordinal order of their keys per signal.
    /// </summary>
    /// <param name="fromUnixNano">First accepted-at, inclusive.</param>
    /// <param name="toUnixNano">Last accepted-at, exclusive.</param>
    /// <param name="onDamaged">Told of each manifest that cannot be read; the rest is still found. A caller that leaves it out gets the exception.</param>
    /// <exception cref="ArchiveDamagedException">A manifest cannot be read, and nobody is told of it otherwise.</exception>
    public async IAsyncEnumerable<ChunkManifest> FindAsync(
        TenantId tenant,
        IReadOnlyCollection<Signal> signals,
        long fromUnixNano,
        long toUnixNano,
        Action<ArchiveDamagedException>? onDamaged,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var signal in signals.Order())
        {
            // A segment never spans two hours, so the hours that the window touches hold all of it.
            for (var hour = ArchiveLayout.HourOf(fromUnixNano); ArchiveLayout.StartOfHour(hour) < toUnixNano; hour++)
            {
                var prefix = ArchiveLayout.HourPrefix(tenant, signal, ArchiveLayout.StartOfHour(hour));
                await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
                {
                    if (!found.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal))
                    {
                        continue;
                    }

                    ChunkManifest manifest;
                    try
                    {
                        manifest = await ReadAsync(found.Key, cancellationToken).ConfigureAwait(false);
                    }
                    catch (ArchiveDamagedException e) when (onDamaged is not null)
                    {
                        onDamaged(e);
                        continue;
                    }
                    catch (ObjectNotFoundException)
                    {
                        // Deleted since it was listed: retention took it.
                        continue;
                    }

                    if (manifest.AcceptedFromUnixNano < toUnixNano && manifest.AcceptedToUnixNano >= fromUnixNano)
                    {
                        yield return manifest;
                    }
                }
            }
        }
    }

    /// <summary>Reads one manifest.</summary>
    /// <exception cref="ArchiveDamagedException">It is none, or not the one that belongs there.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public async Task<ChunkManifest> ReadAsync(string manifestKey, CancellationToken cancellationToken)
    {
        var bytes = await store.ReadAllAsync(manifestKey, ChunkManifest.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (!ChunkManifest.TryParse(bytes, out var manifest))
        {
            throw new ArchiveDamagedException(manifestKey, "it is no chunk manifest");
        }

        return manifest.ManifestKey == manifestKey
            ? manifest
            : throw new ArchiveDamagedException(manifestKey, $"it is the manifest of '{manifest.ManifestKey}'");
    }
}
