using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>What stands in the real log, as its files say: tenant and mark from the envelope, and the payload.</summary>
internal static class LoggedBatches
{
    public static List<LoggedBatch> Of(GatewayUnderTest gateway)
    {
        var log = gateway.Services.GetRequiredService<GatewayPipeline>().Log;
        var batches = new List<LoggedBatch>();
        var buffer = Array.Empty<byte>();
        foreach (var found in log.EntriesFrom(log.FirstSequence).ToList())
        {
            Assert.True(log.TryRead(found.Sequence, ref buffer, out var entry));
            Assert.True(Envelope.TryRead(BatchLog.EnvelopeOf(buffer, entry).Span, out var envelope));
            batches.Add(new LoggedBatch(
                envelope.Tenant.Value, envelope.Signal, BatchLog.PayloadOf(buffer, entry).ToArray(), envelope.RecordCount, envelope.ReplayMark, Convert.ToHexStringLower(envelope.ProfileHash.Span)));
        }

        return batches;
    }
}
