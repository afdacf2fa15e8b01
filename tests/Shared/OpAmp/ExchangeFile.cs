using System.Globalization;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>
/// A recorded exchange: one unit a line, <c>1&gt; 48656C6C6F</c> from the client of connection 1, <c>1&lt; ...</c> from the server, the bytes
/// in hex; the line before says what is in them, for whoever reads it.
/// </summary>
public static class ExchangeFile
{
    public static IReadOnlyList<ExchangeUnit> Read(string path) =>
        [.. File.ReadLines(path).Where(l => l.Length > 0 && l[0] != '#').Select(Parse)];

    public static void Write(string path, string title, IEnumerable<ExchangeUnit> units)
    {
        var text = new StringBuilder().Append("# ").Append(title).Append('\n');
        foreach (var unit in units)
        {
            text.Append("# ").Append(Describe(unit)).Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"{unit.Connection}{(unit.IsFromClient ? '>' : '<')} {Convert.ToHexString(unit.Bytes)}\n");
        }

        File.WriteAllText(path, text.ToString());
    }

    private static ExchangeUnit Parse(string line)
    {
        var mark = line.IndexOfAny(['>', '<']);
        return new ExchangeUnit(int.Parse(line.AsSpan(0, mark), CultureInfo.InvariantCulture), line[mark] == '>', Convert.FromHexString(line.AsSpan(mark + 2)));
    }

    private static string Describe(ExchangeUnit unit)
    {
        if (unit.AsFrame() is { } frame)
        {
            return frame.Opcode switch
            {
                WireClient.Binary => Message(unit.IsFromClient, frame.Payload.AsSpan(1)),
                WireClient.Close => string.Create(CultureInfo.InvariantCulture, $"Close {frame.CloseStatus}"),
                var other => string.Create(CultureInfo.InvariantCulture, $"frame of opcode {other}"),
            };
        }

        var head = unit.Head();
        var body = unit.Body();
        return head[..head.IndexOf('\r', StringComparison.Ordinal)] + (body.Length == 0 ? "" : ": " + Message(unit.IsFromClient, body));
    }

    private static string Message(bool isFromClient, ReadOnlySpan<byte> bytes) =>
        JsonFormatter.ToDiagnosticString(isFromClient ? AgentToServer.Parser.ParseFrom(bytes) : ServerToAgent.Parser.ParseFrom(bytes));
}
