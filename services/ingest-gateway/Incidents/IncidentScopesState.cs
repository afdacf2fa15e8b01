using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.IngestGateway.Incidents;

/// <summary>What became of a message.</summary>
internal enum IncidentOutcome
{
    Applied,

    /// <summary>Not above the version known.</summary>
    Stale,

    /// <summary>Its <c>expiresAt</c> is past.</summary>
    Expired,

    /// <summary>Not signed by a key that may.</summary>
    Untrusted,
    Malformed,

    /// <summary>More incidents than the gateway holds.</summary>
    TooMany,
}

/// <summary>
/// The incidents this gateway knows of. A message counts only above the version known of its incident; an incident ends by a tombstone of a
/// higher version or by <c>expiresAt</c> on this gateway's own clock, never by absence. Ended ones are remembered, so that an old message
/// that somebody sends again does not open them anew.
/// </summary>
internal sealed class IncidentScopesState(TrustStore trust, TimeProvider time, int maxIncidents) : IIncidentScopes
{
    /// <summary>
    /// How long a tombstone is remembered when no longer-lived version was seen: the longest ceiling of a shipped profile and some.
    /// </summary>
    private static readonly TimeSpan s_tombstoneMemory = TimeSpan.FromDays(4);

    private const int MaxMatches = 64;

    private readonly Lock _writer = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private volatile IncidentsModel _current = IncidentsModel.None;
    private bool _isChanged;

    public event Action? Changed;

    public IncidentsModel Current => _current;

    /// <summary>Takes one signed message; it is in force with the next <see cref="Settle"/>.</summary>
    public IncidentOutcome Apply(ReadOnlySpan<byte> envelope, out IncidentMessage? message)
    {
        var outcome = Read(envelope, out message);
        if (outcome != IncidentOutcome.Applied)
        {
            return outcome;
        }

        lock (_writer)
        {
            outcome = Enter(message!, envelope, time.GetUtcNow());
            _isChanged |= outcome == IncidentOutcome.Applied;
            return outcome;
        }
    }

    /// <summary>Puts what was applied in force, all of a burst at once; true when there was anything.</summary>
    public bool Settle()
    {
        lock (_writer)
        {
            if (!_isChanged)
            {
                return false;
            }

            _isChanged = false;
            Rebuild(time.GetUtcNow());
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Lets what has expired go; the ids that ended.</summary>
    public IReadOnlyList<string> Sweep()
    {
        var now = time.GetUtcNow();
        List<string> ended = [];
        lock (_writer)
        {
            ended.AddRange(_current.Active.Where(m => m.ExpiresAt <= now).Select(m => m.Id));
            foreach (var id in _entries.Where(e => e.Value.RememberUntil <= now).Select(e => e.Key).ToList())
            {
                _entries.Remove(id);
            }

            if (ended.Count == 0)
            {
                return ended;
            }

            Rebuild(now);
        }

        Changed?.Invoke();
        return ended;
    }

    /// <summary>The signed messages behind the state, for the disk.</summary>
    public byte[] Save()
    {
        lock (_writer)
        {
            return JsonSerializer.SerializeToUtf8Bytes(
                _entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => Convert.ToBase64String(e.Value.Envelope)).ToArray(),
                IncidentScopesJson.Default.StringArray);
        }
    }

    /// <summary>Takes what <see cref="Save"/> gave; each message is judged anew, the disk is not trusted either.</summary>
    /// <returns>Messages taken.</returns>
    public int Load(ReadOnlySpan<byte> saved)
    {
        var taken = 0;
        var now = time.GetUtcNow();
        lock (_writer)
        {
            foreach (var text in JsonSerializer.Deserialize(saved, IncidentScopesJson.Default.StringArray) ?? [])
            {
                var bytes = new byte[text.Length];
                if (!Convert.TryFromBase64String(text, bytes, out var length))
                {
                    continue;
                }

                var envelope = bytes.AsSpan(0, length);
                if (Read(envelope, out var message) == IncidentOutcome.Applied && Enter(message!, envelope, now) == IncidentOutcome.Applied)
                {
                    taken++;
                }
            }

            Rebuild(now);
        }

        Changed?.Invoke();
        return taken;
    }

    /// <summary>Whether the message says something, and is signed by a key that may.</summary>
    private IncidentOutcome Read(ReadOnlySpan<byte> envelope, out IncidentMessage? message)
    {
        message = null;
        if (!trust.TryOpen(envelope, IncidentMessage.PayloadType, KnownKeyUses.Incident, out var payload, out _))
        {
            return IncidentOutcome.Untrusted;
        }

        try
        {
            message = JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.IncidentMessage);
        }
        catch (JsonException)
        {
            return IncidentOutcome.Malformed;
        }

        return message is { Id.Length: > 0 and <= 128, Services: not null, SamplingRate: > 0 and <= 1, Tenant.Value.Length: > 0, Match: null or { Count: <= MaxMatches } }
            ? IncidentOutcome.Applied
            : IncidentOutcome.Malformed;
    }

    private IncidentOutcome Enter(IncidentMessage message, ReadOnlySpan<byte> envelope, DateTimeOffset now)
    {
        _entries.TryGetValue(message.Id, out var known);
        if (known is not null && message.Version <= known.Message.Version)
        {
            return IncidentOutcome.Stale;
        }

        // Of a higher version, one that has expired still ends what is in force.
        if (known is null && !message.Tombstone && message.ExpiresAt <= now)
        {
            return IncidentOutcome.Expired;
        }

        if (known is null && _entries.Count >= maxIncidents)
        {
            return IncidentOutcome.TooMany;
        }

        var until = message.Tombstone && message.ExpiresAt < now + s_tombstoneMemory ? now + s_tombstoneMemory : message.ExpiresAt;
        _entries[message.Id] = new Entry(message, envelope.ToArray(), known is not null && known.RememberUntil > until ? known.RememberUntil : until);
        return IncidentOutcome.Applied;
    }

    private void Rebuild(DateTimeOffset now) => _current = new IncidentsModel(
        [.. _entries.Values.Select(e => e.Message).Where(m => !m.Tombstone && m.ExpiresAt > now).OrderBy(m => m.Id, StringComparer.Ordinal)]);

    private sealed record Entry(IncidentMessage Message, byte[] Envelope, DateTimeOffset RememberUntil);
}
