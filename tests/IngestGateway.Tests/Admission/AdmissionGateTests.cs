using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Admission;

public sealed class AdmissionGateTests : IDisposable
{
    private static readonly TenantId s_acme = TenantId.Parse("acme");
    private static readonly TenantId s_globex = TenantId.Parse("globex");

    private readonly PipelineFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void TryEnter_ATenantAboveHalf_IsRefusedAndOthersAreNot()
    {
        var gate = New(QuotaSettings.None, max: 4);
        var held = new[] { Enter(gate, s_acme), Enter(gate, s_acme) };

        Assert.Equal(IngestStatus.TenantBusy, gate.TryEnter(s_acme, out _, out var wait));
        Assert.InRange(wait, TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(2500));
        using var other = Enter(gate, s_globex);

        held[0].Dispose();
        Enter(gate, s_acme).Dispose();
        held[1].Dispose();
    }

    [Fact]
    public void TryEnter_AboveAll_IsOverloadUntilOneLeaves()
    {
        var gate = New(QuotaSettings.None, max: 4);
        var tickets = new[] { Enter(gate, s_acme), Enter(gate, s_acme), Enter(gate, s_globex), Enter(gate, s_globex) };

        Assert.Equal(IngestStatus.Overloaded, gate.TryEnter(TenantId.Parse("third"), out _, out var wait));
        Assert.True(wait > TimeSpan.Zero);
        Assert.Equal(4, gate.InFlight);
        tickets[0].Dispose();
        using var third = Enter(gate, TenantId.Parse("third"));
        Assert.Equal(4, gate.InFlight);
    }

    [Fact]
    public void TryEnter_QuotaOfOneTenant_LeavesOthersAlone()
    {
        var quotas = new QuotaSettings(TenantQuota.Unbounded, new Dictionary<string, TenantQuota> { ["acme"] = new(100, 1_000_000, TimeSpan.FromSeconds(1)) });
        var gate = New(quotas);
        using (var ticket = Enter(gate, s_acme))
        {
            ticket.Charge(records: 300, bytes: 10);
        }

        Assert.Equal(IngestStatus.QuotaExceeded, gate.TryEnter(s_acme, out _, out var wait));
        Assert.Equal(2.01, wait.TotalSeconds, 3);
        for (var i = 0; i < 100; i++)
        {
            using var ticket = Enter(gate, s_globex);
            ticket.Charge(1_000_000, 1_000_000_000);
        }

        _fixture.Time.Advance(wait);
        Enter(gate, s_acme).Dispose();
    }

    [Fact]
    public void TryEnter_QuotaOfBytes_CountsToo()
    {
        var gate = New(new QuotaSettings(new TenantQuota(null, 1_000, TimeSpan.FromSeconds(1)), new Dictionary<string, TenantQuota>()));
        using (var ticket = Enter(gate, s_acme))
        {
            ticket.Charge(records: 0, bytes: 1_999);
        }

        Assert.Equal(IngestStatus.QuotaExceeded, gate.TryEnter(s_acme, out _, out var wait));
        Assert.Equal(1, wait.TotalSeconds, 3);
    }

    [Fact]
    public void TryEnter_ProfileWithAnotherQuota_CountsFromThenOn()
    {
        var state = new ProfileState(Model(QuotaSettings.None), []);
        var gate = new AdmissionGate(new GatewayOptions(), state, _fixture.Time);
        Enter(gate, s_acme).Dispose();

        state.TrySwap(Model(new QuotaSettings(new TenantQuota(1, null, TimeSpan.FromSeconds(1)), new Dictionary<string, TenantQuota>())), _fixture.Time.GetUtcNow());
        using (var ticket = Enter(gate, s_acme))
        {
            ticket.Charge(records: 10, bytes: 0);
        }

        Assert.Equal(IngestStatus.QuotaExceeded, gate.TryEnter(s_acme, out _, out _));
    }

    [Fact]
    public void TryEnter_ManyTenants_RemembersNoMoreThanItMay()
    {
        var gate = New(QuotaSettings.None, remembered: 100);
        for (var i = 0; i < 10_000; i++)
        {
            Enter(gate, TenantId.Parse($"t-{i}")).Dispose();
        }

        Assert.InRange(gate.Remembered, 1, 100);
    }

    private AdmissionGate New(QuotaSettings quotas, int max = 100, int remembered = 10_000) =>
        new(new GatewayOptions { MaxRequestsInFlight = max, MaxTenantsRemembered = remembered }, new ProfileState(Model(quotas), []), _fixture.Time);

    private ProfileModel Model(QuotaSettings quotas) => new(_fixture.Settings with { Ingest = new IngestSettings(1, 1, 1, 1) { Quotas = quotas } }, null);

    private static AdmissionTicket Enter(AdmissionGate gate, TenantId tenant)
    {
        Assert.Equal(IngestStatus.Accepted, gate.TryEnter(tenant, out var ticket, out var wait));
        Assert.Equal(TimeSpan.Zero, wait);
        return ticket;
    }
}
