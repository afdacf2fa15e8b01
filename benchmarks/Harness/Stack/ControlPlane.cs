using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>What a gateway needs of others to know its senders: an issuer, the keys of the services, and a profile service that delivers signed tenants and ingest keys.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly WebApplication _profiles;
    private readonly byte[] _envelope;

    private ControlPlane(int tenants)
    {
        Tenants = [.. Enumerable.Range(0, tenants).Select(i => TenantId.Parse(string.Create(CultureInfo.InvariantCulture, $"bench-{i}")))];
        var keys = Tenants.Select(t => (Tenant: t, Key: IngestKeyFormat.Create())).ToList();
        Keys = [.. keys.Select(k => k.Key.Secret)];
        var snapshot = new GatewaySnapshot(
            GatewaySnapshot.SchemaId,
            1,
            TimeProvider.System.GetUtcNow(),
            [.. Tenants.Select(t => new SnapshotTenant(t, RegistrationState.Active))],
            [.. keys.Select(k => new SnapshotIngestKey(k.Key.KeyId, k.Tenant, IngestKeyFormat.Hash(k.Key.Secret), RegistrationState.Active, null))]);
        _envelope = Dsse.Sign(
            GatewaySnapshot.PayloadType,
            JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot),
            Identities.Key(KnownServices.ProfileService),
            withKeyId: true);
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _profiles = builder.Build();
        _profiles.MapGet("/api/v1/gateways/snapshot", AnswerAsync);
    }

    public TestIdentities Identities { get; } = new();

    public DevIssuer Issuer { get; } = new();

    public IReadOnlyList<TenantId> Tenants { get; }

    /// <summary>One ingest key of each tenant.</summary>
    public IReadOnlyList<string> Keys { get; }

    public string ProfileServiceUrl => _profiles.Urls.First();

    public static async Task<ControlPlane> StartAsync(int tenants)
    {
        var plane = new ControlPlane(tenants);
        await plane._profiles.StartAsync();
        return plane;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await _profiles.StopAsync(now.Token);
        await _profiles.DisposeAsync();
        Issuer.Dispose();
        Identities.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.IfNoneMatch == "\"1\"")
        {
            await Task.Delay(TimeSpan.FromSeconds(int.Parse(context.Request.Query["waitSeconds"]!, CultureInfo.InvariantCulture)), context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.Headers.ETag = "\"1\"";
        context.Response.ContentType = "application/vnd.dsse.envelope.v1+json";
        await context.Response.Body.WriteAsync(_envelope, context.RequestAborted);
    }
}
