using Google.Protobuf;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.ProfileService.Agents;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Agents;

public sealed class AgentReaderTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly InstanceUid s_uid = InstanceUid.New(s_now);
    private static readonly ByteString s_a = ByteString.CopyFrom(0xaa, 0xaa);
    private static readonly ByteString s_b = ByteString.CopyFrom(0xbb, 0xbb);

    [Fact]
    public void Read_FailedThenTheOldOneApplied_KeepsWhatWasRefusedAndWhatRuns()
    {
        var first = Read(null, Status(s_a, RemoteConfigStatuses.Applied));
        var failed = Read(first, Status(s_b, RemoteConfigStatuses.Failed, "no"));
        Assert.Equal(("bbbb", "aaaa", "bbbb", AgentConfigStatus.Failed, "no"), (failed.ReceivedHash, failed.RunningHash, failed.RefusedHash, failed.Status, failed.Error));

        var back = Read(failed, Status(s_a, RemoteConfigStatuses.Applied));
        Assert.Equal(("aaaa", "aaaa", "bbbb", AgentConfigStatus.Applied, (string?)null), (back.ReceivedHash, back.RunningHash, back.RefusedHash, back.Status, back.Error));
    }

    [Fact]
    public void Read_Applying_RunsTheOldOneStill()
    {
        var applying = Read(Read(null, Status(s_a, RemoteConfigStatuses.Applied)), Status(s_b, RemoteConfigStatuses.Applying));
        Assert.Equal(("bbbb", "aaaa", (string?)null), (applying.ReceivedHash, applying.RunningHash, applying.RefusedHash));
    }

    [Fact]
    public void Read_NothingSaid_KeepsWhatWasKnown()
    {
        var known = Read(null, Status(s_a, RemoteConfigStatuses.Applied) with { Description = Description("service.name", "edge", "site", "berlin") });
        var bare = AgentReader.Read(known, new AgentState(s_uid, 2), OpAmpTransport.Http, s_now.AddSeconds(1));
        Assert.Equal(known with { Transport = "http", Manageable = false, LastSeenAt = bare.LastSeenAt }, bare);
    }

    [Fact]
    public void Read_SecondAttributeOfAName_DoesNotReplaceWhatIdentifies()
    {
        var description = Description("service.name", "edge");
        description.NonIdentifyingAttributes.Add(new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = KnownFleet.Gateway } });
        var record = Read(null, new AgentState(s_uid, 1) { Description = description });
        Assert.Equal(("edge", false), (record.Kind, record.IsGateway));
    }

    [Fact]
    public void Read_TooMuch_IsCut()
    {
        var description = new AgentDescription();
        for (var i = 0; i < 100; i++)
        {
            description.NonIdentifyingAttributes.Add(new KeyValue { Key = $"k{i}", Value = new AnyValue { StringValue = new string('x', 5000) + "\0" } });
        }

        var record = Read(null, Status(s_a, RemoteConfigStatuses.Failed, new string('e', 100_000) + "\0") with { Description = description });
        Assert.Equal((64, 256, 2048), (record.Labels.Count, record.Labels["k0"].Length, record.Error!.Length));
    }

    [Fact]
    public void Read_Health_NamesTroublesAndReadsMetrics()
    {
        var health = new ComponentHealth { Healthy = false, LastError = "pipeline", Status = "degraded" };
        health.ComponentHealthMap.Add(
            KnownFleet.MetricsComponent,
            new ComponentHealth { Healthy = true, Status = $"{KnownFleet.ExportFailures}=12 {KnownFleet.Refusals}=x {KnownFleet.QueueOldestSeconds}=0.4 =1 y=NaN" });
        var exporters = new ComponentHealth { Healthy = true };
        exporters.ComponentHealthMap.Add("tempo", new ComponentHealth { Healthy = false, LastError = "refused" });
        health.ComponentHealthMap.Add("exporters", exporters);

        var read = Read(null, new AgentState(s_uid, 1) { Health = health }).Health!;
        Assert.Equal((false, "degraded", "pipeline"), (read.Healthy, read.Status, read.LastError));
        Assert.Equal(["exporters/tempo: refused"], read.Troubles);
        Assert.Equal([(KnownFleet.ExportFailures, 12.0), (KnownFleet.QueueOldestSeconds, 0.4)], read.Metrics.Select(m => (m.Key, m.Value)));
    }

    private static AgentRecord Read(AgentRecord? known, AgentState state) => AgentReader.Read(known, state, OpAmpTransport.WebSocket, s_now);

    private static AgentState Status(ByteString hash, RemoteConfigStatuses status, string error = "") =>
        new(s_uid, 1) { RemoteConfigStatus = new RemoteConfigStatus { LastRemoteConfigHash = hash, Status = status, ErrorMessage = error } };

    private static AgentDescription Description(params string[] pairs)
    {
        var description = new AgentDescription();
        foreach (var pair in pairs.Chunk(2))
        {
            description.IdentifyingAttributes.Add(new KeyValue { Key = pair[0], Value = new AnyValue { StringValue = pair[1] } });
        }

        return description;
    }
}
