using System.Buffers;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction.Sanitizing;

/// <summary>
/// Takes out of a URL, or of a path alone, what tells one request or person from another: <c>https://ada:pw@shop/orders/48213?mail=x#y</c>
/// becomes <c>https://shop/orders/*</c>. One pass; what it made it leaves as it is.
/// </summary>
internal static class UrlText
{
    private const int LongSegment = 20;
    private const int ManyDigits = 4;

    public static void Write(ReadOnlySpan<byte> url, UrlQuery query, IBufferWriter<byte> output)
    {
        if (url.IndexOfAny((byte)'/', (byte)'?') < 0 && url.Contains((byte)'='))
        {
            // A query alone, as url.query has it.
            if (query != UrlQuery.Strip)
            {
                WritePairs(url, query, output);
            }

            return;
        }

        var at = 0;
        var scheme = url.IndexOf("://"u8);
        if (scheme >= 0 && url[..scheme].IndexOfAny((byte)'/', (byte)'?', (byte)'#') < 0)
        {
            at = scheme + 3;
            output.Write(url[..at]);
            var length = url[at..].IndexOfAny((byte)'/', (byte)'?', (byte)'#');
            var authority = length < 0 ? url[at..] : url.Slice(at, length);
            at += authority.Length;
            output.Write(authority[(authority.LastIndexOf((byte)'@') + 1)..]);
        }

        var end = url[at..].IndexOfAny((byte)'?', (byte)'#');
        WritePath(end < 0 ? url[at..] : url.Slice(at, end), output);
        if (end >= 0 && url[at + end] == '?' && query != UrlQuery.Strip)
        {
            var rest = url[(at + end)..];
            var fragment = rest.IndexOf((byte)'#');
            output.Write("?"u8);
            WritePairs(fragment < 0 ? rest[1..] : rest[1..fragment], query, output);
        }
    }

    /// <summary>A span's name may have words before the path: <c>GET /users/42</c>. Without a path it stays.</summary>
    public static void WriteSpanName(ReadOnlySpan<byte> name, UrlQuery query, IBufferWriter<byte> output)
    {
        var path = name.IndexOf((byte)'/');
        var word = path < 0 ? name.Length : name[..path].LastIndexOf((byte)' ') + 1;
        output.Write(name[..word]);
        if (word < name.Length)
        {
            Write(name[word..], query, output);
        }
    }

    private static void WritePath(ReadOnlySpan<byte> path, IBufferWriter<byte> output)
    {
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf((byte)'/');
            var segment = slash < 0 ? path : path[..slash];
            output.Write(IsOneOfMany(segment) ? "*"u8 : segment);
            if (slash < 0)
            {
                return;
            }

            output.Write("/"u8);
            path = path[(slash + 1)..];
        }
    }

    private static void WritePairs(ReadOnlySpan<byte> query, UrlQuery action, IBufferWriter<byte> output)
    {
        if (action == UrlQuery.Keep)
        {
            output.Write(query);
            return;
        }

        while (!query.IsEmpty)
        {
            var next = query.IndexOf((byte)'&');
            var pair = next < 0 ? query : query[..next];
            var value = pair.IndexOf((byte)'=');
            output.Write(value < 0 ? (pair.IsEmpty ? pair : "*"u8) : pair[..(value + 1)]);
            if (value >= 0)
            {
                output.Write("*"u8);
            }

            if (next < 0)
            {
                return;
            }

            output.Write("&"u8);
            query = query[(next + 1)..];
        }
    }

    /// <summary>
    /// Whether a segment looks like one of many: a number, an id, an address. Words of an API stay: <c>v2</c>, <c>oauth2</c>, <c>{id}</c>,
    /// <c>order-items</c>.
    /// </summary>
    private static bool IsOneOfMany(ReadOnlySpan<byte> segment)
    {
        var digits = 0;
        var upper = 0;
        var lower = 0;
        var other = 0;
        foreach (var b in segment)
        {
            if (Ascii.IsDigit(b))
            {
                digits++;
            }
            else if (Ascii.IsUpper(b))
            {
                upper++;
            }
            else if (Ascii.IsLetter(b))
            {
                lower++;
            }
            else if (b is (byte)'@' or (byte)'%' or (byte)'=' or (byte)'+' or (byte)';' or >= 0x80)
            {
                other++;
            }
        }

        if (segment.IsEmpty || (segment[0] is (byte)'{' or (byte)':' or (byte)'<' or (byte)'[' && other == 0 && digits < ManyDigits))
        {
            return false;
        }

        return other > 0 || digits >= ManyDigits || (digits > 0 && upper + lower == 0)
            || (segment.Length >= LongSegment && (digits > 2 || (upper > 2 && lower > 2 && segment.IndexOfAny((byte)'-', (byte)'_', (byte)'.') < 0 && digits > 0)));
    }
}
