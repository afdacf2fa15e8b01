using System.Buffers.Binary;
using System.Text;
using StellaOps.Telemetry.Benchmarks.Load;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>Makes one HEADERS frame and DATA frames of a gRPC request (https://www.rfc-editor.org/rfc/rfc9113, /rfc7541).</summary>
internal static class Http2Framing
{
    public const int FrameHeader = 9;
    public const int MaxFrame = 16 * 1024;
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    private const int GrpcPrefix = 5;

    /// <param name="isCompressed">The message is compressed, so it has no places and may be cut anywhere.</param>
    public static PreparedRequest Prepare(RequestTemplate template, string path, string authority, string key, bool isCompressed)
    {
        var output = new List<byte>(template.Bytes.Length + 1024);
        var block = HeaderBlock(path, authority, key, isCompressed);
        var frames = new List<int> { 0 };
        AddFrameHeader(output, block.Length, Headers, EndHeaders);
        output.AddRange(block);

        var places = template.Places.ToArray();
        var (from, nextPlace, isFirst) = (0, 0, true);
        while (from < template.Bytes.Length)
        {
            var prefix = isFirst ? GrpcPrefix : 0;
            var to = CutAfter(template, from, from + MaxFrame - prefix, isCompressed);
            frames.Add(output.Count);
            AddFrameHeader(output, prefix + to - from, Data, to == template.Bytes.Length ? EndStream : (byte)0);
            if (isFirst)
            {
                AddPrefix(output, template.Bytes.Length, isCompressed);
            }

            for (; nextPlace < places.Length && places[nextPlace].Offset < to; nextPlace++)
            {
                places[nextPlace] = places[nextPlace] with { Offset = places[nextPlace].Offset - from + output.Count };
            }

            output.AddRange(template.Bytes.AsSpan(from, to - from));
            (from, isFirst) = (to, false);
        }

        frames.Add(output.Count);
        return new PreparedRequest([.. output], output.Count, places, [.. frames], FrameHeader + block.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)), template.Records);
    }

    /// <summary>Writes the stream's id into every frame.</summary>
    public static void SetStream(PreparedRequest request, int stream)
    {
        foreach (var frame in request.Frames.AsSpan(0, request.Frames.Length - 1))
        {
            BinaryPrimitives.WriteInt32BigEndian(request.Bytes.AsSpan(frame + 5), stream);
        }
    }

    private static int CutAfter(RequestTemplate template, int from, int most, bool isCompressed)
    {
        if (most >= template.Bytes.Length || isCompressed)
        {
            return Math.Min(most, template.Bytes.Length);
        }

        var cut = template.Cuts.LastOrDefault(c => c <= most);
        return cut > from ? cut : throw new InvalidOperationException("a record is larger than a frame");
    }

    /// <summary>Literals without indexing and without Huffman coding: every request has the same bytes but for the key.</summary>
    private static byte[] HeaderBlock(string path, string authority, string key, bool isCompressed)
    {
        // Static table: 0x83 ':method: POST', 0x86 ':scheme: http'.
        var block = new List<byte> { 0x83, 0x86 };
        Literal(block, 4, path);
        Literal(block, 1, authority);
        Literal(block, 31, "application/grpc");
        Literal(block, 23, "Bearer " + key);
        Named(block, "te", "trailers");
        Named(block, "user-agent", "stella-load/1");
        if (isCompressed)
        {
            Named(block, "grpc-encoding", "gzip");
        }

        return [.. block];
    }

    private static void Literal(List<byte> block, int nameIndex, string value)
    {
        if (nameIndex < 15)
        {
            block.Add((byte)nameIndex);
        }
        else
        {
            block.Add(15);
            block.Add((byte)(nameIndex - 15));
        }

        Text(block, value);
    }

    private static void Named(List<byte> block, string name, string value)
    {
        block.Add(0);
        Text(block, name);
        Text(block, value);
    }

    private static void Text(List<byte> block, string text)
    {
        if (text.Length >= 127)
        {
            throw new ArgumentException("a header this long would take a second byte of length", nameof(text));
        }

        block.Add((byte)text.Length);
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }

    private static void AddFrameHeader(List<byte> output, int length, byte type, byte flags) =>
        output.AddRange([(byte)(length >> 16), (byte)(length >> 8), (byte)length, type, flags, 0, 0, 0, 0]);

    private static void AddPrefix(List<byte> output, int length, bool isCompressed)
    {
        Span<byte> prefix = stackalloc byte[GrpcPrefix];
        prefix[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
        output.AddRange(prefix);
    }
}
