using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>A scripted profile service: signs the snapshot it is given and answers long polls as the real one does.</summary>
internal sealed class FakeProfileService(SigningKey key) : IAsyncDisposable
{
    private readonly Dictionary<string, SnapshotTenant> _tenants = [];
    private readonly Dictionary<string, SnapshotIngestKey> _keys = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;
    private string? _url;
    private long _version;
    private byte[] _envelope = [];

    public string Url => _url ?? throw new InvalidOperationException("not started");

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={_url ?? "http://127.0.0.1:0"}"]);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/api/v1/gateways/snapshot", AnswerAsync);
        await _app.StartAsync();
        _url = _app.Urls.First();
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    public void Tenant(string tenant, RegistrationState state = RegistrationState.Active, TenantKind kind = TenantKind.Live) =>
        Change(() => _tenants[tenant] = new SnapshotTenant(TenantId.Parse(tenant), state, kind));

    public string NewKey(string tenant)
    {
        var (id, secret) = IngestKeyFormat.Create();
        Change(() => _keys[id] = new SnapshotIngestKey(id, TenantId.Parse(tenant), IngestKeyFormat.Hash(secret), RegistrationState.Active, null));
        return secret;
    }

    public void Revoke(string secret)
    {
        Assert.True(IngestKeyFormat.TryGetKeyId(secret, out var id));
        Change(() => _keys[id] = _keys[id] with { State = RegistrationState.Disabled });
    }

    /// <summary>Hands out an envelope of anybody's making.</summary>
    public void Forge(byte[] envelope)
    {
        lock (_lock)
        {
            _version++;
            _envelope = envelope;
            Signal();
        }
    }

    public byte[] Envelope
    {
        get
        {
            lock (_lock)
            {
                return _envelope;
            }
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Change(Action action)
    {
        lock (_lock)
        {
            action();
            _version++;
            var snapshot = new GatewaySnapshot(GatewaySnapshot.SchemaId, _version, TimeProvider.System.GetUtcNow(), [.. _tenants.Values], [.. _keys.Values]);
            _envelope = Dsse.Sign(GatewaySnapshot.PayloadType, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot), key, withKeyId: true);
            Signal();
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var known = context.Request.Headers.IfNoneMatch.ToString();
        var until = Task.Delay(TimeSpan.FromSeconds(int.Parse(context.Request.Query["waitSeconds"]!, null)), context.RequestAborted);
        while (true)
        {
            Task changed;
            byte[] envelope;
            string etag;
            lock (_lock)
            {
                (changed, envelope, etag) = (_changed.Task, _envelope, $"\"{_version}\"");
            }

            if (etag != known)
            {
                context.Response.Headers.ETag = etag;
                context.Response.ContentType = "application/vnd.dsse.envelope.v1+json";
                await context.Response.Body.WriteAsync(envelope, context.RequestAborted);
                return;
            }

            if (await Task.WhenAny(changed, until) == until)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
    }
}
