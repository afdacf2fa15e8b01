using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Benchmarks.Load;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>Puts the head of an HTTP/1.1 request before the body.</summary>
internal static class Http1Framing
{
    public static PreparedRequest Prepare(RequestTemplate template, string path, string authority, string key, bool isCompressed)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-protobuf\r\nAuthorization: Bearer {key}\r\n{(isCompressed ? "Content-Encoding: gzip\r\n" : "")}Content-Length: {template.Bytes.Length}\r\n\r\n"));
        byte[] bytes = [.. head, .. template.Bytes];
        return new PreparedRequest(
            bytes,
            bytes.Length,
            [.. template.Places.Select(p => p with { Offset = p.Offset + head.Length })],
            [0, bytes.Length],
            head.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)),
            template.Records);
    }
}
