using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Mutation;

/// <summary>
/// One field of a request, taken apart as far as the descriptors know messages, to be changed and put together again with lengths that
/// are right, or wrong where a lie is wanted.
/// </summary>
internal sealed class WireNode
{
    private WireNode(uint tag, byte[] content, MessageDescriptor? message)
    {
        Tag = tag;
        Content = content;
        Message = message;
    }

    /// <summary>Number and wire type; 0 for the request itself.</summary>
    public uint Tag { get; set; }

    /// <summary>What follows the tag (and the length) where it was not taken apart.</summary>
    public byte[] Content { get; set; }

    /// <summary>What the content is, where it is a message that we know.</summary>
    public MessageDescriptor? Message { get; }

    /// <summary>The fields of the message; empty where <see cref="Content"/> says it all.</summary>
    public List<WireNode> Children { get; private init; } = [];

    /// <summary>Needless bytes of the tag's varint.</summary>
    public int TagPadding { get; set; }

    /// <summary>Needless bytes of the length's varint.</summary>
    public int LengthPadding { get; set; }

    /// <summary>How far the length is off.</summary>
    public long LengthLie { get; set; }

    public bool IsLengthDelimited => (Tag & 7) == 2;

    public static WireNode Request(byte[] bytes, MessageDescriptor message) => new(0, [], message) { Children = Parse(bytes, message) };

    public static WireNode Field(int number, int wireType, byte[] content) => new(((uint)number << 3) | (uint)wireType, content, null);

    public WireNode Clone() => new(Tag, Content, Message)
    {
        TagPadding = TagPadding,
        LengthPadding = LengthPadding,
        LengthLie = LengthLie,
        Children = [.. Children.Select(c => c.Clone())],
    };

    /// <summary>This and everything below.</summary>
    public IEnumerable<WireNode> All() => Children.SelectMany(c => c.All()).Prepend(this);

    public byte[] ToBytes()
    {
        var output = new List<byte>();
        Write(output);
        return [.. output];
    }

    public static byte[] Varint(ulong value, int padding = 0)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        for (; padding > 0; padding--)
        {
            bytes[^1] |= 0x80;
            bytes.Add(0);
        }

        return [.. bytes];
    }

    private void Write(List<byte> output)
    {
        byte[] content = Message is null ? Content : [.. Children.SelectMany(c => c.ToBytes())];
        if (Tag == 0)
        {
            output.AddRange(content);
            return;
        }

        output.AddRange(Varint(Tag, TagPadding));
        if (IsLengthDelimited)
        {
            output.AddRange(Varint((ulong)(content.Length + LengthLie), LengthPadding));
        }

        output.AddRange(content);
    }

    private static List<WireNode> Parse(byte[] bytes, MessageDescriptor message)
    {
        var nodes = new List<WireNode>();
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag && tag != 0)
        {
            var start = (int)input.Position;
            if ((tag & 7) != 2)
            {
                Skip(input, tag);
                nodes.Add(new WireNode(tag, bytes[start..(int)input.Position], null));
                continue;
            }

            var content = input.ReadBytes().ToByteArray();
            var child = message.FindFieldByNumber((int)(tag >> 3)) is { FieldType: FieldType.Message } field ? field.MessageType : null;
            nodes.Add(child is null ? new WireNode(tag, content, null) : new WireNode(tag, [], child) { Children = Parse(content, child) });
        }

        return nodes;
    }

    private static void Skip(CodedInputStream input, uint tag)
    {
        switch (tag & 7)
        {
            case 0:
                input.ReadUInt64();
                break;
            case 1:
                input.ReadFixed64();
                break;
            default:
                input.ReadFixed32();
                break;
        }
    }
}
