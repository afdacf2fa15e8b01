using Microsoft.Extensions.Options;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Server;

public sealed class OpAmpServerOptionsTests
{
    [Fact]
    public void Faults_Defaults_AreNone() => Assert.Empty(new OpAmpServerOptions().Faults("Test"));

    [Fact]
    public void Faults_EveryBound_IsNamedWithItsKey()
    {
        var options = new OpAmpServerOptions
        {
            MaxMessageBytes = 0,
            MaxSentBytes = 0,
            MaxConnections = 0,
            MaxQueuedMessages = 0,
            SendTimeout = TimeSpan.Zero,
            FirstMessageTimeout = TimeSpan.FromDays(1),
            PingInterval = TimeSpan.Zero,
            PingTimeout = TimeSpan.Zero,
            CloseTimeout = TimeSpan.Zero,
            RetryAfter = TimeSpan.Zero,
        };

        Assert.Equal(
            ["Test__MaxMessageBytes", "Test__MaxSentBytes", "Test__MaxConnections", "Test__MaxQueuedMessages", "Test__SendTimeout", "Test__FirstMessageTimeout", "Test__PingInterval", "Test__PingTimeout", "Test__CloseTimeout", "Test__RetryAfter"],
            options.Faults("Test").Select(f => f.Split(' ')[0]));
    }

    [Fact]
    public void MaxSentBytes_Unset_IsWhatAgentsMaySend() => Assert.Equal(2_048, new OpAmpServerOptions { MaxMessageBytes = 2_048 }.MaxSentBytes);

    [Fact]
    public async Task Start_WithAFault_IsRefusedWithTheKey()
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => OpAmpHost.StartAsync(o => o.MaxConnections = 0));

        Assert.StartsWith("Test__OpAmp__MaxConnections 0", Assert.Single(e.Failures), StringComparison.Ordinal);
    }
}
