using System.Collections.Immutable;
using System.Text;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.HeadSampling;

public sealed class HeadStrategiesTests : IDisposable
{
    private static readonly TenantId s_acme = PipelineFixture.Acme;
    private static readonly TenantId s_globex = PipelineFixture.Globex;
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly PipelineFixture _fixture = new();
    private readonly SetIncidents _incidents = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void Of_NoIncident_IsTheProfilesRate()
    {
        using var strategies = New(0.2, ("checkout", 0.1));

        Assert.Equal(new HeadSamplingResponse(0.1, 0.1, null, null), strategies.Of(s_acme, "checkout").Content);
        Assert.Equal(new HeadSamplingResponse(0.2, 0.2, null, null), strategies.Of(s_acme, "cart").Content);
        Assert.Equal("{\"samplingRate\":0.2,\"baseRate\":0.2}", Encoding.UTF8.GetString(strategies.Of(s_acme, "cart").Body));
    }

    [Fact]
    public void Of_Incident_RaisesItsTenantAndServiceAndNothingElse()
    {
        using var strategies = New(0.2);
        _incidents.Set(Incident("a", s_acme, 1, s_hour, "checkout"));

        Assert.Equal(new HeadSamplingResponse(1, 0.2, "a", _time.GetUtcNow() + s_hour), strategies.Of(s_acme, "checkout").Content);
        Assert.Equal(0.2, strategies.Of(s_acme, "cart").Content.SamplingRate);
        Assert.Null(strategies.Of(s_globex, "checkout").Content.IncidentId);
        Assert.Null(strategies.Of(s_acme, "Checkout").Content.IncidentId);
    }

    [Fact]
    public void Of_IncidentOfTheWholeTenant_RaisesEveryService()
    {
        using var strategies = New(0.2);
        _incidents.Set(Incident("a", s_acme, 0.5, s_hour));

        Assert.Equal(0.5, strategies.Of(s_acme, "whatever").Content.SamplingRate);
        Assert.Equal(0.2, strategies.Of(s_globex, "whatever").Content.SamplingRate);
    }

    [Fact]
    public void Of_IncidentBelowTheBase_LowersNothing()
    {
        using var strategies = New(0.5);
        _incidents.Set(Incident("a", s_acme, 0.1, s_hour));

        Assert.Equal(new HeadSamplingResponse(0.5, 0.5, "a", _time.GetUtcNow() + s_hour), strategies.Of(s_acme, "checkout").Content);
    }

    [Fact]
    public void Of_ExpiredThoughNobodySaidSo_IsTheBaseAgain()
    {
        using var strategies = New(0.2);
        _incidents.Set(Incident("a", s_acme, 1, s_hour, "checkout"));

        _time.Advance(s_hour - TimeSpan.FromTicks(1));
        Assert.Equal(1, strategies.Of(s_acme, "checkout").Content.SamplingRate);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0.2, strategies.Of(s_acme, "checkout").Content.SamplingRate);
    }

    [Fact]
    public void Of_SeveralIncidents_IsTheHighestInForce()
    {
        using var strategies = New(0);
        _incidents.Set(
            Incident("high", s_acme, 0.9, s_hour, "checkout"), Incident("whole", s_acme, 0.5, 2 * s_hour), Incident("low", s_acme, 0.1, 3 * s_hour, "checkout", "checkout"));

        Assert.Equal("high", strategies.Of(s_acme, "checkout").Content.IncidentId);
        Assert.Equal("whole", strategies.Of(s_acme, "cart").Content.IncidentId);
        _time.Advance(s_hour);
        Assert.Equal("whole", strategies.Of(s_acme, "checkout").Content.IncidentId);
        _time.Advance(s_hour);
        Assert.Equal("low", strategies.Of(s_acme, "checkout").Content.IncidentId);
        _time.Advance(s_hour);
        Assert.Null(strategies.Of(s_acme, "checkout").Content.IncidentId);
    }

    [Fact]
    public void Of_SameRate_IsTheIncidentThatLastsLongest()
    {
        using var strategies = New(0);
        _incidents.Set(Incident("a", s_acme, 1, s_hour, "checkout"), Incident("b", s_acme, 1, 3 * s_hour), Incident("c", s_acme, 1, 2 * s_hour, "checkout"));

        Assert.Equal("b", strategies.Of(s_acme, "checkout").Content.IncidentId);
    }

    [Fact]
    public void ETag_SameContent_IsTheSameAtEveryGateway()
    {
        using var one = New(0.2);
        using var other = New(0.2);
        var none = one.Of(s_acme, "checkout").ETag;
        Assert.Equal(none, other.Of(s_globex, "cart").ETag);

        _incidents.Set(Incident("a", s_acme, 1, s_hour));
        var raised = one.Of(s_acme, "checkout").ETag;
        Assert.NotEqual(none, raised);
        Assert.Equal(raised, other.Of(s_acme, "checkout").ETag);

        _incidents.Set(Incident("a", s_acme, 1, 2 * s_hour));
        Assert.NotEqual(raised, one.Of(s_acme, "checkout").ETag);
        _incidents.Set();
        Assert.Equal(none, one.Of(s_acme, "checkout").ETag);
    }

    [Fact]
    public async Task Apply_AnotherProfile_RulesFromThenOnAndIsSignalled()
    {
        using var strategies = New(0.2);
        var changed = strategies.Changed.NextAsync();

        strategies.Apply(Settings(0.4));

        await changed.WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(0.4, strategies.Of(s_acme, "checkout").Content.SamplingRate);
    }

    [Fact]
    public void ChangedSince_OneTenantsIncident_NamesThatTenantAlone()
    {
        using var strategies = New(1);
        var of = Incident("g", s_globex, 1, s_hour, "checkout");
        _incidents.Set(of);
        var before = strategies.Scopes;

        _incidents.Set(of, Incident("a", s_acme, 1, s_hour, "checkout"));
        var opened = strategies.Scopes;
        _incidents.Set(of);
        var ended = strategies.Scopes;

        Assert.Equal([s_acme], opened.ChangedSince(before));
        Assert.Equal([s_acme], ended.ChangedSince(opened));
        Assert.Empty(ended.ChangedSince(before));
    }

    public void Dispose() => _fixture.Dispose();

    private HeadStrategies New(double rate, params (string Service, double Rate)[] services) => new(Settings(rate, services), _incidents, _time);

    private GatewaySettings Settings(double rate, params (string Service, double Rate)[] services) => _fixture.Settings with
    {
        Sampling = _fixture.Settings.Sampling with
        {
            Head = new HeadSamplingSettings(rate, services.ToDictionary(s => s.Service, s => s.Rate), new Dictionary<string, TenantHeadSampling>()),
        },
    };

    private IncidentMessage Incident(string id, TenantId tenant, double rate, TimeSpan lasts, params string[] services) =>
        new(id, 1, false, tenant, services, rate, _time.GetUtcNow(), _time.GetUtcNow() + lasts);

    private sealed class SetIncidents : IIncidentScopes
    {
        public event Action? Changed;

        public IncidentsModel Current { get; private set; } = IncidentsModel.None;

        public void Set(params IncidentMessage[] incidents)
        {
            Current = new IncidentsModel(incidents.ToImmutableArray());
            Changed?.Invoke();
        }
    }
}
