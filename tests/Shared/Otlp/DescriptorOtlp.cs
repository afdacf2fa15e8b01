using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>
/// Export requests made by walking the descriptors of the .proto files, so that a field added there is in every test that uses these.
/// Decided by a seed alone.
/// </summary>
public sealed class DescriptorOtlp
{
    private static readonly string[] s_texts = ["", "a", "service.name", "GET /cart", "naïve", "名前 😀", "nul\0 quote\" back\\slash \u2028", "ada.lovelace@example.com"];
    private static readonly double[] s_doubles = [0, 1, -1.5, 1e300, double.Epsilon, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private readonly Random _random;
    private readonly bool _isFull;

    private DescriptorOtlp(int seed, bool isFull)
    {
        _random = new Random(seed);
        _isFull = isFull;
    }

    /// <summary>The request message of a signal.</summary>
    public static MessageDescriptor RequestOf(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Traces => ExportTraceServiceRequest.Descriptor,
        OtlpSignal.Metrics => ExportMetricsServiceRequest.Descriptor,
        _ => ExportLogsServiceRequest.Descriptor,
    };

    /// <summary>Every field of every message is set, lists have two items, and of each oneof one member is set, which the seed chooses.</summary>
    public static IMessage Full(OtlpSignal signal, int seed) => new DescriptorOtlp(seed, isFull: true).Message(RequestOf(signal), 0);

    /// <summary>Each field is set or not, lists have none to three items.</summary>
    public static IMessage Some(OtlpSignal signal, int seed) => new DescriptorOtlp(seed, isFull: false).Message(RequestOf(signal), 0);

    /// <summary>All messages that a request of the signal may hold.</summary>
    public static HashSet<MessageDescriptor> Messages(OtlpSignal signal)
    {
        var found = new HashSet<MessageDescriptor>();
        Add(RequestOf(signal));
        return found;

        void Add(MessageDescriptor message)
        {
            if (found.Add(message))
            {
                foreach (var field in message.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
                {
                    Add(field.MessageType);
                }
            }
        }
    }

    private IMessage Message(MessageDescriptor descriptor, int depth)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var left = Count(field, depth); left > 0; left--)
                {
                    list.Add(Value(field, depth));
                }
            }
            else if (field.RealContainingOneof is null && (_isFull || _random.Next(4) > 0))
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        foreach (var oneof in descriptor.Oneofs.Where(o => !o.IsSynthetic))
        {
            // Values nest in values: deep down only scalars are left to choose from.
            var members = oneof.Fields.Where(f => f.FieldType != FieldType.Message || descriptor != AnyValue.Descriptor || depth < 9).ToList();
            if (_isFull || _random.Next(8) > 0)
            {
                var member = members[_random.Next(members.Count)];
                member.Accessor.SetValue(message, Value(member, depth));
            }
        }

        return message;
    }

    private int Count(FieldDescriptor field, int depth)
    {
        if (!_isFull)
        {
            return _random.Next(field.FieldType == FieldType.Message && depth > 3 ? 3 : 4);
        }

        return depth > 3 && field.FieldType == FieldType.Message ? 1 : 2;
    }

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message => Message(field.MessageType, depth + 1),
        FieldType.String => s_texts[_random.Next(_isFull ? 1 : 0, s_texts.Length)],
        FieldType.Bytes => Bytes(field.Name switch { "trace_id" => 16, "span_id" or "parent_span_id" => 8, _ => 1 + _random.Next(150) }),
        FieldType.Bool => true,
        FieldType.Double => _isFull ? _random.NextDouble() : s_doubles[_random.Next(s_doubles.Length)],
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[_random.Next(1, field.EnumType.Values.Count)].Number),
        FieldType.UInt32 or FieldType.Fixed32 => (uint)_random.NextInt64(1, 1L + uint.MaxValue),
        FieldType.SInt32 or FieldType.Int32 or FieldType.SFixed32 => _random.Next(int.MinValue, 0),
        FieldType.UInt64 or FieldType.Fixed64 => (ulong)_random.NextInt64(1, long.MaxValue) << _random.Next(2),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => _random.NextInt64(long.MinValue, 0),
        _ => throw new NotSupportedException($"{field.FullName} is a {field.FieldType}: a kind of field that OTLP had not when this was written"),
    };

    private ByteString Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
