using System.Text;
using OpenTelemetry.Proto.Common.V1;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Mutation;

/// <summary>Changes a request's fields: their order, number, place, encoding and content.</summary>
internal static class WireMutator
{
    private static readonly int[] s_unknownNumbers = [17, 31, 32, 100, 1000, 536_870_911];

    /// <summary>Changes after which no store would tell the request from one of a later specification.</summary>
    public static void Extend(WireNode request, Random random, string text)
    {
        var nodes = request.All().Where(n => n.Message is not null).ToList();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var parent = Pick(nodes, random);
            switch (random.Next(4))
            {
                case 0:
                    Insert(parent, Unknown(random, text), random);
                    break;
                case 1:
                    parent.LengthPadding = random.Next(4);
                    break;
                case 2:
                    parent.TagPadding = random.Next(4);
                    break;
                default:
                    Insert(parent, Unknown(random, "plain"), random);
                    break;
            }
        }
    }

    /// <summary>Any changes, most of which are wrong.</summary>
    public static void Change(WireNode request, Random random)
    {
        for (var left = random.Next(0, 4); left > 0; left--)
        {
            var all = request.All().ToList();
            var node = Pick(all, random);
            var parent = Pick(all.FindAll(n => n.Message is not null), random);
            Change(random.Next(14), node, parent, all, random);
        }
    }

    private static void Change(int kind, WireNode node, WireNode parent, List<WireNode> all, Random random)
    {
        switch (kind)
        {
            case 0:
                Insert(parent, Unknown(random, "later"), random);
                break;
            case 1 when parent.Children.Count > 0:
                Insert(parent, Pick(parent.Children, random).Clone(), random);
                break;
            case 2 when parent.Children.Count > 0:
                parent.Children.RemoveAt(random.Next(parent.Children.Count));
                break;
            case 3 when parent.Children.Count > 1:
                var (a, b) = (random.Next(parent.Children.Count), random.Next(parent.Children.Count));
                (parent.Children[a], parent.Children[b]) = (parent.Children[b], parent.Children[a]);
                break;
            case 4:
                Insert(parent, Pick(all, random).Clone(), random);
                break;
            case 5:
                // A group, which protobuf skips and OTLP has not: 23 <content> 24.
                Insert(parent, WireNode.Field(random.Next(1, 20), 3, random.Next(2) == 0 ? [] : [0x08, 0x01]), random);
                Insert(parent, WireNode.Field(random.Next(1, 20), 4, []), random);
                break;
            case 6:
                node.TagPadding = random.Next(1, 11);
                break;
            case 7:
                node.LengthPadding = random.Next(1, 11);
                break;
            case 8:
                node.LengthLie = random.Next(4) == 0 ? random.NextInt64() : random.Next(-5, 6);
                break;
            case 9:
                Insert(parent, WireNode.Field(random.Next(1, 20), 0, WireNode.Varint((ulong)random.NextInt64() << 1, random.Next(4))), random);
                break;
            case 10 when node.Tag != 0:
                node.Tag = ((uint)random.Next(0, 18) << 3) | (random.Next(3) > 0 ? node.Tag & 7 : (uint)random.Next(8));
                break;
            case 11 when parent.Message == AnyValue.Descriptor:
                parent.Children.Clear();
                parent.Children.Add(WireNode.Field(5, 2, Nested(random.Next(1, 60), random)));
                break;
            case 12 when node.Message is null:
                node.Content = Content(random);
                break;
            case 13 when node.Message is null:
                node.Content = Pick(all, random).Content;
                break;
        }
    }

    private static WireNode Unknown(Random random, string text)
    {
        var number = Pick(s_unknownNumbers, random);
        return random.Next(6) switch
        {
            0 => WireNode.Field(number, 0, WireNode.Varint((ulong)random.NextInt64(), random.Next(2))),
            1 => WireNode.Field(number, 1, BitConverter.GetBytes(random.NextInt64())),
            2 => WireNode.Field(number, 5, BitConverter.GetBytes(random.Next())),

            // A message of the later specification that holds the text.
            3 => WireNode.Field(number, 2, WireNode.Field(random.Next(1, 40), 2, Encoding.UTF8.GetBytes(text)).ToBytes()),
            _ => WireNode.Field(number, 2, Encoding.UTF8.GetBytes(text)),
        };
    }

    // Arrays in arrays: the content of an ArrayValue, so many levels above "leaf".
    private static byte[] Nested(int levels, Random random)
    {
        var value = WireNode.Field(1, 2, "leaf"u8.ToArray()).ToBytes();
        for (; levels > 0; levels--)
        {
            value = random.Next(20) == 0
                ? WireNode.Field(6, 2, WireNode.Field(1, 2, WireNode.Field(2, 2, value).ToBytes()).ToBytes()).ToBytes()
                : WireNode.Field(5, 2, WireNode.Field(1, 2, value).ToBytes()).ToBytes();
        }

        return WireNode.Field(1, 2, value).ToBytes();
    }

    private static byte[] Content(Random random)
    {
        var content = new byte[random.Next(6) == 0 ? random.Next(300) : random.Next(18)];
        random.NextBytes(content);
        return content;
    }

    private static void Insert(WireNode parent, WireNode child, Random random) => parent.Children.Insert(random.Next(parent.Children.Count + 1), child);

    private static T Pick<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];
}
