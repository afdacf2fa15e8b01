using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Records;

/// <summary>Every message of the three signals with every field set, by the descriptors: a field added to a .proto file is in these tests at once.</summary>
public sealed class EveryMessageTests
{
    /// <summary>Of a oneof one member is set, so it takes some requests to have seen all.</summary>
    private const int Seeds = 40;

    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Samples_HaveEveryFieldOfEveryMessage(OtlpSignal signal)
    {
        var missing = DescriptorOtlp.Messages(signal).SelectMany(m => m.Fields.InDeclarationOrder()).ToHashSet();
        for (var seed = 0; seed < Seeds; seed++)
        {
            Remove(DescriptorOtlp.Full(signal, seed), missing);
        }

        Assert.Empty(missing.Select(f => f.FullName));
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Request_WithEveryFieldSet_IsReadSlicedAndFramedAsTheOracleDoes(OtlpSignal signal)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var request = DescriptorOtlp.Full(signal, seed);
            var bytes = request.ToByteArray();
            Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out var count));
            var singles = Oracle.Single(request);
            Assert.Equal(singles.Count, count);
            var frames = RecordReaderTests.Frames(signal, bytes, out var malformed);
            Assert.False(malformed);
            Assert.Equal(singles, frames.Select(f => Oracle.ParserOf(signal).ParseFrom(f)));

            int[] kept = [.. Enumerable.Range(0, count).Where(i => (i + seed) % 3 == 0)];
            var sliced = new ArrayBufferWriter<byte>();
            Assert.True(OtlpSlicer.Slice(signal, bytes, kept, sliced));
            Assert.Equal(Oracle.Keep(signal, bytes, [.. kept]), Oracle.ParserOf(signal).ParseFrom(sliced.WrittenSpan));
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Json_WithEveryFieldSet_IsTheSameRequest(OtlpSignal signal)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            // Presence is part of it: zeros that are set, empty messages, and what is absent stay what they are.
            var request = seed % 2 == 0 ? DescriptorOtlp.Full(signal, seed) : DescriptorOtlp.Some(signal, seed);
            var json = OracleJson.Write(request, enumsAsNumbers: seed % 4 < 2).ToJsonString();
            var output = new ArrayBufferWriter<byte>();
            Assert.True(OtlpJson.TryToProtobuf(signal, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, output, out var error), error);
            Assert.Equal(request, Oracle.ParserOf(signal).ParseFrom(output.WrittenSpan));
            Assert.Equal(request, OracleJson.Read(signal, json));
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Request_CutAtEveryByte_IsValidExactlyWhereTheOracleReadsIt(OtlpSignal signal)
    {
        var bytes = DescriptorOtlp.Full(signal, 1).ToByteArray();
        var step = Math.Max(1, bytes.Length / 4000);
        for (var length = 0; length <= bytes.Length; length += length < 4000 ? 1 : step)
        {
            var prefix = bytes[..length];
            var isValid = OtlpRequestValidator.Validate(signal, prefix, OtlpLimits.Default, out var count) == OtlpOutcome.Valid;
            var parsed = Parse(signal, prefix);
            Assert.Equal(parsed is not null, isValid);
            Assert.True(parsed is null || Oracle.Records(parsed).Count() == count);
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Request_EachByteChanged_IsNotTakenWhereTheOracleRefuses(OtlpSignal signal)
    {
        var bytes = DescriptorOtlp.Some(signal, 5).ToByteArray();
        var until = Math.Min(bytes.Length, 3000);
        for (var at = 0; at < until; at++)
        {
            var original = bytes[at];
            foreach (var change in (byte[])[0x01, 0x80, 0xFF, 0x07])
            {
                bytes[at] = (byte)(original ^ change);
                if (OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out var count) == OtlpOutcome.Valid)
                {
                    var parsed = Parse(signal, bytes);
                    Assert.NotNull(parsed);
                    Assert.Equal(Oracle.Records(parsed).Count(), count);
                }
            }

            bytes[at] = original;
        }

        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out _));
    }

    private static IMessage? Parse(OtlpSignal signal, byte[] bytes)
    {
        try
        {
            return Oracle.ParserOf(signal).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static void Remove(IMessage message, HashSet<FieldDescriptor> missing)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            var items = field.IsRepeated ? [.. ((System.Collections.IEnumerable)value).Cast<object>()] : value is null || (field.HasPresence && !field.Accessor.HasValue(message)) ? [] : (object[])[value];
            if (items.Length > 0)
            {
                missing.Remove(field);
            }

            foreach (var child in items.OfType<IMessage>())
            {
                Remove(child, missing);
            }
        }
    }
}
