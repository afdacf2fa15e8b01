using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Configuration;

/// <summary>A running gateway whose profile <c>test</c> needs one approval, and people who sign versions of it.</summary>
internal sealed class DeployedGateway : IAsyncDisposable
{
    private DeployedGateway(GatewayUnderTest gateway)
    {
        Gateway = gateway;
        Signed = new SignedProfiles(gateway.Identities);
    }

    public GatewayUnderTest Gateway { get; }

    public SignedProfiles Signed { get; }

    public IDeploymentReceiver Receiver => Gateway.Services.GetRequiredService<IDeploymentReceiver>();

    public static async Task<DeployedGateway> StartAsync(bool isListeningByProfile = false, IReadOnlyDictionary<string, string>? environment = null)
    {
        var gateway = new GatewayUnderTest { IsListeningByProfile = isListeningByProfile };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            gateway.More[key] = value;
        }

        gateway.Identities.Write(gateway.Identities.Document with { Profiles = new ProfileTrust(new Dictionary<string, int> { ["test"] = 1 }, null) });
        await gateway.StartKnownAsync(null, isListeningByProfile ? At(FreePort.Next(), FreePort.Next()) : TestProfiles.Small);
        return new DeployedGateway(gateway);
    }

    /// <summary>A version that takes as many more records as its number says.</summary>
    public static ProfileClosure Version(long version, string? text = null) => SignedProfiles.Closure(
        "test", version, null, new ProfileDocument("test.yaml", text ?? TestProfiles.Small.Replace("max_records: 500", $"max_records: {500 + version}", StringComparison.Ordinal)));

    /// <summary>The small profile with listeners of its own.</summary>
    public static string At(int grpc, int http) => TestProfiles.Small.Replace(
        "ingest: {", $"ingest: {{ listeners: {{ grpc: 'http://127.0.0.1:{grpc}', http: 'http://127.0.0.1:{http}' }},", StringComparison.Ordinal);

    /// <summary>An approved deployment.</summary>
    public DeploymentPackage Package(long version, long counter, long floor = 0) => Signed.Package(Version(version), counter, floor, Signed.Approval(Version(version)));

    public async Task<DeploymentOutcome> ApplyAsync(DeploymentPackage package) => await Receiver.ApplyAsync(package, TestContext.Current.CancellationToken);

    public async Task AppliesAsync(DeploymentPackage package) => Assert.Equal(DeploymentOutcome.Applied, await ApplyAsync(package));

    public async Task RefusesAsync(string reason, DeploymentPackage package)
    {
        var before = Gateway.Services.GetRequiredService<ProfileState>().Current;

        var outcome = await ApplyAsync(package);

        Assert.Equal((DeploymentResult.Refused, reason), (outcome.Result, outcome.Reason));
        Assert.NotEmpty(outcome.Text);
        Assert.Same(before, Gateway.Services.GetRequiredService<ProfileState>().Current);
        var status = await StatusAsync();
        Assert.Equal((reason, outcome.Text), (status.RefusedDeployment?.Reason, string.Join("; ", status.ProfileFaults)));
    }

    public async Task<GatewayStatusResponse> StatusAsync()
    {
        using var client = Gateway.Api(Gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        return await (await client.GetAsync("/api/v1/gateways/self")).ReadAsync<GatewayStatusResponse>();
    }

    /// <summary>Stops the gateway, lets something happen to its disk or trust, and starts it again with its own file.</summary>
    public async Task RestartAsync(Action between)
    {
        await Gateway.StopAsync();
        between();
        await Gateway.StartAsync();
        await Gateway.ReadyAsync();
    }

    public string DataFile(string name) => Path.Combine(Gateway.DataPath, name);

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
