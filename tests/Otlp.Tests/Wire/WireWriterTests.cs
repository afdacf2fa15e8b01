using Google.Protobuf;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp.Tests.Wire;

public sealed class WireWriterTests
{
    [Fact]
    public void Write_Fields_ByteForByteAsProtobufWritesThem()
    {
        var random = new Random(11);
        for (var round = 0; round < 2_000; round++)
        {
            var number = random.Next(3) == 0 ? random.Next(1, 536_870_912) : random.Next(1, 20);
            var value = (ulong)random.NextInt64() >> random.Next(63);
            var real = BitConverter.UInt64BitsToDouble((ulong)random.NextInt64());
            var content = new byte[random.Next(300)];
            random.NextBytes(content);

            var stream = new MemoryStream();
            var expected = new CodedOutputStream(stream);
            expected.WriteTag(number, WireFormat.WireType.Varint);
            expected.WriteUInt64(value);
            expected.WriteTag(number, WireFormat.WireType.Fixed64);
            expected.WriteDouble(real);
            expected.WriteTag(number, WireFormat.WireType.LengthDelimited);
            expected.WriteBytes(ByteString.CopyFrom(content));
            expected.Flush();

            var buffer = new byte[1024];
            var writer = new WireWriter(buffer);
            writer.WriteField(number, value);
            writer.WriteField(number, real);
            writer.WriteField(number, content);
            Assert.Equal(stream.ToArray(), buffer[..writer.Written]);
            Assert.Equal(
                writer.Written,
                WireSize.Tag(number) + WireSize.Varint(value) + WireSize.Tag(number) + sizeof(double) + WireSize.LengthDelimited(number, content.Length));
            AssertReads(buffer.AsSpan(0, writer.Written), number, value, real, content);
        }
    }

    private static void AssertReads(ReadOnlySpan<byte> message, int number, ulong value, double real, byte[] content)
    {
        var reader = new WireReader(message);
        Assert.True(reader.TryReadField());
        Assert.Equal((number, WireType.Varint, value), (reader.FieldNumber, reader.WireType, reader.Value));
        Assert.True(reader.TryReadField());
        Assert.Equal((number, WireType.Fixed64, BitConverter.DoubleToUInt64Bits(real)), (reader.FieldNumber, reader.WireType, reader.Value));
        Assert.True(reader.TryReadField());
        Assert.Equal((number, WireType.LengthDelimited), (reader.FieldNumber, reader.WireType));
        Assert.Equal(content, reader.Content.ToArray());
        Assert.False(reader.TryReadField());
        Assert.False(reader.IsMalformed);
    }
}
