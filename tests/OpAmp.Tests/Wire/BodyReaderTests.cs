using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Tests.Wire;

public sealed class BodyReaderTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1_000_000, 1_000_100)]
    public async Task ReadAsync_WithinTheLimit_IsRead(int bytes, int limit)
    {
        var message = Message(bytes);

        Assert.Equal(message, await ReadAsync(message.ToByteArray(), isGzip: false, limit));
        Assert.Equal(message, await ReadAsync(Gzip.Compress(message.ToByteArray()), isGzip: true, Math.Max(limit, 100)));
    }

    [Fact]
    public async Task ReadAsync_AboveTheLimitAsSent_IsRefused() =>
        await Assert.ThrowsAsync<MessageTooLargeException>(() => ReadAsync(Message(1_000).ToByteArray(), isGzip: false, 1_000));

    [Fact]
    public async Task ReadAsync_AboveTheLimitOnceDecompressed_IsRefused()
    {
        var bomb = Gzip.Compress(Message(10 << 20).ToByteArray());

        Assert.True(bomb.Length < 1 << 20);
        await Assert.ThrowsAsync<MessageTooLargeException>(() => ReadAsync(bomb, isGzip: true, 1 << 20));
    }

    [Fact]
    public async Task ReadAsync_EmptyGzipMembersWithoutEnd_AreRefusedBySizeAsSent()
    {
        // Each member is 20 bytes and decompresses to none: a limit on what comes out alone would read forever.
        byte[] member = Convert.FromHexString("1F8B080000000000000303000000000000000000");
        byte[] members = [.. Enumerable.Repeat(member, 100_000).SelectMany(m => m)];

        await Assert.ThrowsAsync<MessageTooLargeException>(() => ReadAsync(members, isGzip: true, 100_000));
    }

    [Fact]
    public async Task ReadAsync_NoGzip_IsInvalid() => await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([1, 2, 3, 4], isGzip: true, 100));

    private static AgentToServer Message(int bytes) => bytes == 0 ? new() : new() { CustomMessage = new CustomMessage { Data = ByteString.CopyFrom(new byte[bytes]) } };

    private static Task<AgentToServer> ReadAsync(byte[] body, bool isGzip, int limit) =>
        BodyReader.ReadAsync(new MemoryStream(body), isGzip, limit, Parsers.FromAgent, TestContext.Current.CancellationToken);
}
