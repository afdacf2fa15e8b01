using System.Buffers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Tests;

public sealed class EnvelopeTests
{
    private static readonly Envelope s_whole = new()
    {
        GatewayId = "gw-1",
        Sequence = 0x0102030405060708,
        AcceptedAtUnixNano = 0x1112131415161718,
        Tenant = TenantId.Parse("acme"),
        Signal = Signal.Logs,
        ProfileHash = Enumerable.Repeat((byte)0xaa, 32).ToArray(),
        RecordCount = 7,
        BatchHash = Enumerable.Repeat((byte)0xbb, 16).ToArray(),
    };

    private static readonly Envelope s_partial = s_whole with
    {
        ReplayMark = "r-1",
        Kept = [new KeptRecord(0, 1), new KeptRecord(6, 0)],
        Stamps = [new Stamp("errors", 1, null), new Stamp("incident", 0.5, "inc-1")],
    };

    [Fact]
    public void WriteTo_Whole_HasTheDocumentedBytes() => Assert.Equal(
        "01" + "00" + "03" + "0467772d31" + "0102030405060708" + "1112131415161718" + "0461636d65" + string.Concat(Enumerable.Repeat("aa", 32)) + "00000007" + string.Concat(Enumerable.Repeat("bb", 16)),
        Convert.ToHexStringLower(Bytes(s_whole)));

    [Fact]
    public void WriteTo_Partial_AddsMarkAndStamps()
    {
        var bytes = Convert.ToHexStringLower(Bytes(s_partial));

        Assert.StartsWith("010303", bytes, StringComparison.Ordinal);
        Assert.EndsWith(
            "03722d31" + "0002" + "066572726f7273" + "3ff0000000000000" + "00" + "08696e636964656e74" + "3fe0000000000000" + "05696e632d31" + "00000002" + "000000000001" + "000000060000",
            bytes,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryRead_GivesBackWhatWasWritten_AndNothingShorterOrLonger(bool partial)
    {
        var bytes = Bytes(partial ? s_partial : s_whole);

        Assert.True(Envelope.TryRead(bytes, out var read));
        Assert.Equal(bytes, Bytes(read));
        Assert.Equal(partial ? 2 : null, read.Kept?.Count);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Envelope.TryRead(bytes.AsSpan(0, length), out _), $"{length} bytes");
        }

        Assert.False(Envelope.TryRead([.. bytes, 0], out _));
    }

    [Theory]
    [InlineData(0, 2)] // version
    [InlineData(1, 4)] // unknown flag
    [InlineData(2, 0)] // signal
    [InlineData(2, 4)]
    [InlineData(25, (byte)'A')] // tenant
    [InlineData(25, (byte)'-')]
    public void TryRead_ValuesThatNoEnvelopeHas_AreRefused(int at, byte value)
    {
        var bytes = Bytes(s_whole);
        bytes[at] = value;

        Assert.False(Envelope.TryRead(bytes, out _));
    }

    [Fact]
    public void TryRead_KeptRecordsThatCannotBe_AreRefused()
    {
        Assert.False(Envelope.TryRead(Bytes(s_partial with { Kept = [new KeptRecord(6, 0), new KeptRecord(6, 0)] }), out _));
        Assert.False(Envelope.TryRead(Bytes(s_partial with { Kept = [new KeptRecord(3, 0), new KeptRecord(2, 0)] }), out _));
        Assert.False(Envelope.TryRead(Bytes(s_partial with { Kept = [new KeptRecord(7, 0)] }), out _));
        Assert.False(Envelope.TryRead(Bytes(s_partial with { Kept = [new KeptRecord(0, 2)] }), out _));
        Assert.True(Envelope.TryRead(Bytes(s_partial with { Kept = [] }), out _));
    }

    [Fact]
    public void TryRead_CountsThatClaimMuch_AllocateLittle()
    {
        var bytes = Bytes(s_partial with { RecordCount = int.MaxValue });
        bytes.AsSpan(bytes.Length - 16, 4).Fill(0x7f);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(Envelope.TryRead(bytes, out _));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000);
    }

    private static byte[] Bytes(Envelope envelope)
    {
        var buffer = new ArrayBufferWriter<byte>();
        envelope.WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
