using System.Collections.Concurrent;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>
/// Decides before a body is read whether a request of a known sender is taken now: so many are in flight at once and no more, and of these a
/// tenant may hold half. When the processors cannot follow, requests are refused here, at the cost of their headers, and nothing grows.
/// </summary>
internal sealed class AdmissionGate(GatewayOptions options, ProfileState profile, TimeProvider time)
{
    private readonly ConcurrentDictionary<TenantId, TenantAdmission> _tenants = new();
    private readonly int _max = options.MaxRequestsInFlight;
    private readonly int _maxOfTenant = Math.Max(1, options.MaxRequestsInFlight / 2);
    private int _inFlight;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How many tenants are remembered; bounded by <see cref="GatewayOptions.MaxTenantsRemembered"/>.</summary>
    public int Remembered => _tenants.Count;

    /// <param name="ticket">To be disposed when the request was answered.</param>
    /// <param name="retryAfter">When it is refused: after how long to try again.</param>
    public IngestStatus TryEnter(TenantId tenant, out AdmissionTicket ticket, out TimeSpan retryAfter)
    {
        ticket = default;
        var admission = AdmissionOf(tenant);
        retryAfter = admission.Wait();
        if (retryAfter > TimeSpan.Zero)
        {
            return IngestStatus.QuotaExceeded;
        }

        // A request whose body came with it is treated in one go, and never stands beside many in flight: when the processors cannot follow,
        // requests wait for a thread instead.
        if (ThreadPool.PendingWorkItemCount > options.MaxRequestsWaiting)
        {
            retryAfter = SomeSeconds();
            return IngestStatus.Overloaded;
        }

        if (!admission.TryEnter(_maxOfTenant))
        {
            retryAfter = SomeSeconds();
            return IngestStatus.TenantBusy;
        }

        if (Interlocked.Increment(ref _inFlight) > _max)
        {
            Interlocked.Decrement(ref _inFlight);
            admission.Leave();
            retryAfter = SomeSeconds();
            return IngestStatus.Overloaded;
        }

        ticket = new AdmissionTicket(this, admission);
        return IngestStatus.Accepted;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    private TenantAdmission AdmissionOf(TenantId tenant)
    {
        var quotas = profile.Current.Settings.Ingest.Quotas;
        return _tenants.TryGetValue(tenant, out var known) && ReferenceEquals(known.Settings, quotas) ? known : Remember(tenant, quotas);
    }

    /// <summary>
    /// A tenant that is forgotten begins anew, with its burst: only those that have nothing in flight are. Requests that a changed profile
    /// finds in flight stay counted with the old admission.
    /// </summary>
    private TenantAdmission Remember(TenantId tenant, QuotaSettings quotas)
    {
        if (_tenants.Count >= options.MaxTenantsRemembered)
        {
            foreach (var (idle, admission) in _tenants)
            {
                if (admission.InFlight == 0 && admission.Wait() == TimeSpan.Zero)
                {
                    _tenants.TryRemove(new(idle, admission));
                }
            }
        }

        var made = new TenantAdmission(quotas.Tenants.GetValueOrDefault(tenant.Value, quotas.Default), quotas, time);
        return _tenants.AddOrUpdate(tenant, made, (_, old) => ReferenceEquals(old.Settings, quotas) ? old : made);
    }

    /// <summary>Not all at the same time: they would be refused together again.</summary>
    private static TimeSpan SomeSeconds() => TimeSpan.FromMilliseconds(Random.Shared.Next(500, 2500));
}

/// <summary>A request's place among those in flight.</summary>
internal readonly struct AdmissionTicket(AdmissionGate gate, TenantAdmission tenant) : IDisposable
{
    /// <summary>What the request turned out to weigh; 0 records when it was refused before they were counted.</summary>
    public void Charge(int records, int bytes) => tenant.Charge(records, bytes);

    public void Dispose()
    {
        tenant.Leave();
        gate.Leave();
    }
}
