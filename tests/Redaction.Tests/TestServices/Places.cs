using System.Text;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Redaction.Tests.TestServices;

/// <summary>Every place of the three signals where a sender can put a text, as functions from the text to a whole request.</summary>
internal static class Places
{
    private static readonly byte[] s_traceId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    public static IEnumerable<(string Name, OtlpSignal Signal, Func<string, byte[]> Build)> All()
    {
        foreach (var signal in (OtlpSignal[])[OtlpSignal.Traces, OtlpSignal.Metrics, OtlpSignal.Logs])
        {
            yield return ("resource attribute", signal, t => Proto.Len(1, Proto.Len(1, Proto.Attribute(1, "k", Proto.Text(t)))));
            yield return ("resource attribute key", signal, t => Proto.Len(1, Proto.Len(1, Proto.Attribute(1, t, Proto.Text("v")))));
            yield return ("entity ref", signal, t => Proto.Len(1, Proto.Len(1, Proto.Len(3, Proto.Str(3, t)))));
            yield return ("resource schema url", signal, t => Proto.Len(1, Proto.Str(3, t)));
            yield return ("scope name", signal, t => Scopes(Proto.Len(1, Proto.Str(1, t))));
            yield return ("scope version", signal, t => Scopes(Proto.Len(1, Proto.Str(2, t))));
            yield return ("scope attribute", signal, t => Scopes(Proto.Len(1, Proto.Attribute(3, "k", Proto.Text(t)))));
            yield return ("scope schema url", signal, t => Scopes(Proto.Str(3, t)));
            foreach (var (name, build) in Values())
            {
                yield return (name, signal, t => Proto.Len(1, Proto.Len(1, Proto.Attribute(1, "k", build(t)))));
            }
        }

        (string, Func<string, byte[]>)[] spans =
        [
            ("span name", t => Proto.Str(5, t)),
            ("trace state", t => Proto.Str(3, "vendor=" + t)),
            ("span attribute", t => Proto.Attribute(9, "k", Proto.Text(t))),
            ("event name", t => Proto.Len(11, Proto.Str(2, t))),
            ("event attribute", t => Proto.Len(11, Proto.Attribute(3, "k", Proto.Text(t)))),
            ("link trace state", t => Proto.Len(13, Proto.Str(3, t))),
            ("link attribute", t => Proto.Len(13, Proto.Attribute(4, "k", Proto.Text(t)))),
            ("status message", t => Proto.Len(15, Proto.Str(2, t))),
            ("trace id of a wrong length", t => Proto.Str(1, t.PadRight(17))),
            ("unknown field", t => Proto.Str(77, t)),
            ("unknown nested field", t => Proto.Len(600, Proto.Len(2, Proto.Str(1, t)))),
            ("known field with a wrong wire type", t => Proto.Str(7, t)),
        ];
        foreach (var (name, build) in spans)
        {
            yield return (name, OtlpSignal.Traces, t => Record(Proto.Len(1, s_traceId), build(t), Proto.Fixed64(7, 1)));
        }

        (string, Func<string, byte[]>)[] logs =
        [
            ("severity text", t => Proto.Str(3, t)),
            ("log attribute", t => Proto.Attribute(6, "k", Proto.Text(t))),
            ("event name", t => Proto.Str(12, t)),
            .. Values().Select(v => (v.Name + " in body", (Func<string, byte[]>)(t => Proto.Len(5, v.Build(t))))),
        ];
        foreach (var (name, build) in logs)
        {
            yield return (name, OtlpSignal.Logs, t => Record(Proto.Fixed64(1, 1), build(t)));
        }

        (string, Func<string, byte[]>)[] metrics =
        [
            ("metric name", t => Proto.Str(1, t)),
            ("metric description", t => Proto.Str(2, t)),
            ("metric unit", t => Proto.Str(3, t)),
            ("metric metadata", t => Proto.Attribute(12, "k", Proto.Text(t))),
            ("gauge point attribute", t => Proto.Len(5, Proto.Len(1, Proto.Attribute(7, "k", Proto.Text(t))))),
            ("sum point attribute", t => Proto.Len(7, Proto.Len(1, Proto.Attribute(7, "k", Proto.Text(t))))),
            ("sum exemplar", t => Proto.Len(7, Proto.Len(1, Proto.Len(5, Proto.Attribute(7, "k", Proto.Text(t)))))),
            ("histogram point attribute", t => Proto.Len(9, Proto.Len(1, Proto.Attribute(9, "k", Proto.Text(t))))),
            ("histogram exemplar", t => Proto.Len(9, Proto.Len(1, Proto.Len(8, Proto.Attribute(7, "k", Proto.Text(t)))))),
            ("exponential histogram point attribute", t => Proto.Len(10, Proto.Len(1, Proto.Attribute(1, "k", Proto.Text(t))))),
            ("exponential histogram exemplar", t => Proto.Len(10, Proto.Len(1, Proto.Len(11, Proto.Attribute(7, "k", Proto.Text(t)))))),
            ("summary point attribute", t => Proto.Len(11, Proto.Len(1, Proto.Attribute(7, "k", Proto.Text(t))))),
        ];
        foreach (var (name, build) in metrics)
        {
            yield return (name, OtlpSignal.Metrics, t => Record(build(t)));
        }
    }

    /// <summary>An Export request of one resource and scope with this record.</summary>
    public static byte[] Record(params byte[][] fields) => Scopes(Proto.Len(2, Proto.Msg(fields)));

    private static byte[] Scopes(byte[] fields) => Proto.Len(1, Proto.Len(2, fields));

    private static (string Name, Func<string, byte[]> Build)[] Values() =>
    [
        ("text value", Proto.Text),
        ("bytes value", t => Proto.Len(7, [0xFF, 0x00, .. Encoding.UTF8.GetBytes(t), 0x00, 0xFE])),
        ("array", t => Proto.Len(5, Proto.Msg(Proto.Len(1, Proto.Text("a")), Proto.Len(1, Proto.Text(t))))),
        ("map value", t => Proto.Len(6, Proto.Attribute(1, "k", Proto.Text(t)))),
        ("map key", t => Proto.Len(6, Proto.Attribute(1, t, Proto.Text("v")))),
        ("map in array in map", t => Proto.Len(6, Proto.Attribute(1, "k", Proto.Len(5, Proto.Len(1, Proto.Len(6, Proto.Attribute(1, "k", Proto.Text(t)))))))),
        ("value before key", t => Proto.Len(6, Proto.Len(1, Proto.Msg(Proto.Len(2, Proto.Text(t)), Proto.Str(1, "k"))))),
    ];
}
