using System.Net;
using System.Text.Json;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Trust;

/// <summary>The trust file is changed while the service runs. Each test leaves it as it was.</summary>
public sealed class TrustReloadTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>, IAsyncLifetime
{
    private const int InForce = 1140;
    private const int Refused = 1141;

    private TestIdentities Identities => fixture.Identities;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await ChangeAsync(Identities.Document);

    [Fact]
    public async Task Change_KeyThatIsAdded_IsTrustedWithoutARestart()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        var closure = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        var request = new PublishProfileRequest(closure.ToBytes(), fleet.Signed.Version(closure, TestIdentities.Stranger));
        var refused = await Assert.ThrowsAsync<ApiException>(() => fleet.Client.PublishAsync(closure.Profile, request, null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);

        var key = Identities.Key(TestIdentities.Stranger);
        await ChangeAsync(Identities.Document with
        {
            Keys = [.. Identities.Document.Keys, new TrustedKey("newcomer", key.KeyId, key.Public.ToPem(), [KnownKeyUses.ProfileAuthor], "newcomer")],
        });

        Assert.Equal("newcomer", (await fleet.Client.PublishAsync(closure.Profile, request, null, CancellationToken.None)).Author);
    }

    [Fact]
    public async Task Change_KeyThatIsTakenAway_ServesNothingMoreOfWhatItSigned()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);

        await ChangeAsync(Identities.Document with { Keys = [.. Identities.Document.Keys.Where(k => k.Name != TestIdentities.Author)] });

        var refused = await Assert.ThrowsAsync<ApiException>(() => fleet.Client.GetVersionAsync(profile, 1, CancellationToken.None));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(KnownProfileProblems.Untrusted, (await ListedAsync(fleet, profile)).Problem);
        await Assert.ThrowsAsync<ApiException>(() => fleet.StartAsync(profile, 1));
        Assert.Empty(fixture.Log.Of(1110, profile));

        // It was loaded before, and is judged anew for whoever comes late.
        await using var late = new SimulatedGateway(fixture.Service.Url, fixture.AgentToken, Identities.Trust, fleet.Selector);
        await Eventually.HoldsAsync(async () => await fleet.FindAsync(late) is { Desired: not null }, FleetUnderTest.Patience, "the late one should run it");
        await Eventually.HoldsAsync(() => fixture.Log.Of(1134, profile).Any(), FleetUnderTest.Patience, "it is not loaded");
        Assert.Empty(late.Offers);

        await ChangeAsync(Identities.Document);
        Assert.Null((await ListedAsync(fleet, profile)).Problem);
        late.Report(healthy: true, exportFailures: 1);
        await Eventually.HoldsAsync(() => late.Running == fleet.Agents[0].Running, FleetUnderTest.Patience, "the late one runs it");
    }

    [Theory]
    [InlineData("{ \"schema\": ", "is not a trust file")]
    [InlineData("{}", "is not a trust file of schema")]
    [InlineData(null, "Could not find file")]
    public async Task Change_NoTrustFile_IsRefusedWithTheReasonAndTheOldOneStays(string? content, string reason)
    {
        var before = fixture.Log.Of(Refused, reason).Count();
        if (content is null)
        {
            File.Delete(Identities.TrustFile);
        }
        else
        {
            await File.WriteAllTextAsync(Identities.TrustFile, content);
        }

        await Eventually.HoldsAsync(() => fixture.Log.Of(Refused, reason).Count() > before, FleetUnderTest.Patience, "it is refused");
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.PublishAsync(ProfileVersions.NewName(), 1);
        Assert.Contains("Degraded", await HealthAsync(), StringComparison.Ordinal);
        await Task.Delay(2500);
        Assert.Equal(before + 1, fixture.Log.Of(Refused, reason).Count());
    }

    private async Task<string> HealthAsync()
    {
        using var anyone = fixture.Service.Client();
        return await (await anyone.GetAsync("/health")).EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private static async Task<ProfileResponse> ListedAsync(FleetUnderTest fleet, string profile)
    {
        var page = await fleet.Client.ListProfilesAsync(null, CancellationToken.None);
        while (page.Items.All(p => p.Name != profile))
        {
            page = await fleet.Client.ListProfilesAsync(page.NextCursor ?? throw new InvalidOperationException($"{profile} is not listed"), CancellationToken.None);
        }

        return page.Items.Single(p => p.Name == profile);
    }

    /// <summary>Writes the file and waits until it is in force.</summary>
    private async Task ChangeAsync(TrustDocument document)
    {
        var before = fixture.Log.Of(InForce, "").Count();
        if (File.Exists(Identities.TrustFile) && IsInForce(document))
        {
            return;
        }

        Identities.Write(document);
        await Eventually.HoldsAsync(() => fixture.Log.Of(InForce, "").Count() > before, FleetUnderTest.Patience, "the changed trust file is in force");
    }

    private bool IsInForce(TrustDocument document) =>
        File.ReadAllBytes(Identities.TrustFile).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.TrustDocument));
}
