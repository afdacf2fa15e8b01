using System.IO.Pipelines;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Listeners;

namespace StellaOps.Telemetry.IngestGateway.Tests.Listeners;

public sealed class OtlpRequestReaderTests
{
    private static readonly byte[] s_message = [0, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6];

    [Fact]
    public async Task ReadGrpcMessage_EverySplitPoint_GivesTheMessage()
    {
        for (var split = 0; split <= s_message.Length; split++)
        {
            var (status, compressed, body) = await ReadAsync(100, s_message[..split], s_message[split..]);

            Assert.Equal((IngestStatus.Accepted, false), (status, compressed));
            Assert.Equal([1, 2, 3, 4, 5, 6], body);
        }
    }

    [Fact]
    public async Task ReadGrpcMessage_ByteByByte_GivesTheMessage()
    {
        var (status, _, body) = await ReadAsync(6, [.. s_message.Select(b => new[] { b })]);

        Assert.Equal(IngestStatus.Accepted, status);
        Assert.Equal(6, body.Length);
    }

    [Fact]
    public async Task ReadGrpcMessage_EveryTruncation_IsMalformed()
    {
        for (var length = 0; length < s_message.Length; length++)
        {
            Assert.Equal(IngestStatus.Malformed, (await ReadAsync(100, s_message[..length])).Status);
        }
    }

    [Fact]
    public async Task ReadGrpcMessage_MoreAfterTheMessage_IsMalformed()
    {
        Assert.Equal(IngestStatus.Malformed, (await ReadAsync(100, [.. s_message, 0])).Status);
        Assert.Equal(IngestStatus.Malformed, (await ReadAsync(100, s_message, s_message)).Status);
    }

    [Fact]
    public async Task ReadGrpcMessage_ClaimsTooMuch_IsRefusedUnread()
    {
        Assert.Equal(IngestStatus.RequestTooLarge, (await ReadAsync(5, s_message)).Status);
        Assert.Equal(IngestStatus.RequestTooLarge, (await ReadAsync(100, [0, 0xFF, 0xFF, 0xFF, 0xFF])).Status);
    }

    [Fact]
    public async Task ReadGrpcMessage_Flags_AreRead()
    {
        Assert.True((await ReadAsync(100, [1, 0, 0, 0, 0])).Compressed);
        Assert.Equal(IngestStatus.Malformed, (await ReadAsync(100, [2, 0, 0, 0, 0])).Status);
    }

    [Fact]
    public async Task ReadToEnd_OverTheLimit_StopsReading()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[50]);
        await pipe.Writer.WriteAsync(new byte[51]);
        using var body = Body(100);

        // The writer never completes: a reader that went on would hang.
        Assert.Equal(IngestStatus.RequestTooLarge, await OtlpRequestReader.ReadToEndAsync(pipe.Reader, body, new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token));
    }

    private static async Task<(IngestStatus Status, bool Compressed, byte[] Body)> ReadAsync(int max, params byte[][] chunks)
    {
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            foreach (var chunk in chunks)
            {
                await pipe.Writer.WriteAsync(chunk);
                await Task.Yield();
            }

            await pipe.Writer.CompleteAsync();
        });
        using var body = Body(max);
        var (status, compressed) = await OtlpRequestReader.ReadGrpcMessageAsync(pipe.Reader, body, max, CancellationToken.None);
        await pipe.Reader.CompleteAsync();
        await writing;
        return (status, compressed, body.Span.ToArray());
    }

    private static PooledBody Body(int max) => new(new InFlightBudget(1 << 20), max, IngestStatus.RequestTooLarge);
}
