using System.IO.Hashing;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Redis;
using StellaOps.Telemetry.IngestGateway.Storage;

namespace StellaOps.Telemetry.IngestGateway.Incidents;

/// <summary>Feeds <see cref="IncidentScopesState"/> from Redis, and keeps it on disk for a restart while Redis is away.</summary>
internal sealed partial class IncidentSubscriber(
    IncidentScopesState state,
    AtomicFile saved,
    RedisLink link,
    TimeProvider time,
    ILogger<IncidentSubscriber> logger) : RedisFollower(link, time, KnownRedis.ActiveIncidents, KnownRedis.IncidentChannel), IHostedLifecycleService
{
    private const int MaxKnown = 50_000;

    // Of messages that were judged once and for all: an older or a past one stays so. Forgotten all at once when there are many, which costs a judgement each.
    private readonly HashSet<UInt128> _known = [];

    /// <summary>Before any listener opens: raised sampling holds from the first span on.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (saved.TryRead() is { } content)
            {
                state.Load(content);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.NotStored(logger, e);
        }

        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task HandleAsync(byte[] message, CancellationToken cancellationToken)
    {
        // Every re-read of the hash brings what is known; its signatures are not checked again.
        var fingerprint = XxHash128.HashToUInt128(message);
        if (_known.Contains(fingerprint))
        {
            return Task.CompletedTask;
        }

        switch (state.Apply(message, out var incident))
        {
            case IncidentOutcome.Applied:
                Log.Changed(logger, incident!.Id, incident.Version, incident.Tenant.Value, incident.Tombstone, incident.ExpiresAt);
                Know(fingerprint);
                break;
            case IncidentOutcome.Stale or IncidentOutcome.Expired:
                Know(fingerprint);
                break;
            case var refused:
                Log.Refused(logger, refused);
                break;
        }

        return Task.CompletedTask;
    }

    protected override Task SettleAsync(CancellationToken cancellationToken)
    {
        if (state.Settle())
        {
            Store();
        }

        return Task.CompletedTask;
    }

    protected override Task TickAsync(CancellationToken cancellationToken)
    {
        var ended = state.Sweep();
        foreach (var id in ended)
        {
            Log.Ended(logger, id);
        }

        if (ended.Count > 0)
        {
            Store();
        }

        return Task.CompletedTask;
    }

    private void Know(UInt128 fingerprint)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known.Add(fingerprint);
    }

    private void Store()
    {
        try
        {
            saved.Write(state.Save());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotStored(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.IncidentChanged, LogLevel.Information, "Incident {Id} version {Version} of tenant {Tenant}: tombstone {Tombstone}, until {ExpiresAt:O}")]
        public static partial void Changed(ILogger logger, string id, long version, string tenant, bool tombstone, DateTimeOffset expiresAt);

        [LoggerMessage(EventIds.IncidentEnded, LogLevel.Information, "Incident {Id} expired on this gateway's clock: sampling reverts")]
        public static partial void Ended(ILogger logger, string id);

        [LoggerMessage(EventIds.MessageRefused, LogLevel.Warning, "Incident message refused: {Outcome}")]
        public static partial void Refused(ILogger logger, IncidentOutcome outcome);

        [LoggerMessage(EventIds.IncidentsNotStored, LogLevel.Error, "Incidents in force cannot be read from or written to disk")]
        public static partial void NotStored(ILogger logger, Exception exception);
    }
}
