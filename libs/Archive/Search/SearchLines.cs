using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Writes hits as lines of JSON (docs/search.md). Not for use by two threads at once.</summary>
public sealed class SearchLines : IDisposable
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _otlp = new();
    private readonly Utf8JsonWriter _writer;
    private readonly Utf8JsonWriter _otlpWriter;

    /// <summary>Makes one.</summary>
    public SearchLines()
    {
        _writer = new Utf8JsonWriter(_line, s_options);
        _otlpWriter = new Utf8JsonWriter(_otlp, s_options);
    }

    /// <summary>The hit's line, its end included; good until the next one.</summary>
    public ReadOnlyMemory<byte> Write(SearchHit hit)
    {
        _line.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteString("signal", hit.Signal.ToName());
        _writer.WriteString("acceptedAtUnixNano", hit.Key.AcceptedAtUnixNano.ToString(CultureInfo.InvariantCulture));
        _writer.WriteString("gateway", hit.Key.GatewayId);
        _writer.WriteString("sequence", hit.Key.Sequence.ToString(CultureInfo.InvariantCulture));
        _writer.WriteNumber("index", hit.Key.Index);
        _writer.WriteString("tier", hit.Tier);
        WriteKept(hit.Stamp);
        if (hit.ReplayMark is not null)
        {
            _writer.WriteString("replay", hit.ReplayMark);
        }

        WriteRecord(hit);
        _writer.WriteEndObject();
        _writer.Flush();
        _line.Write("\n"u8);
        return _line.WrittenMemory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _otlpWriter.Dispose();
    }

    private void WriteKept(Stamp? stamp)
    {
        if (stamp is null)
        {
            return;
        }

        _writer.WriteStartObject("kept");
        _writer.WriteString("policy", stamp.Policy);
        _writer.WriteNumber("rate", stamp.Rate);
        if (stamp.IncidentId is not null)
        {
            _writer.WriteString("incident", stamp.IncidentId);
        }

        _writer.WriteEndObject();
    }

    private void WriteRecord(SearchHit hit)
    {
        _otlp.ResetWrittenCount();
        _otlpWriter.Reset();
        if (OtlpJsonWriter.TryWrite((OtlpSignal)hit.Signal, hit.Frame, _otlpWriter))
        {
            _otlpWriter.Flush();
            _writer.WritePropertyName("otlp");
            _writer.WriteRawValue(_otlp.WrittenSpan, skipInputValidation: true);
        }
        else
        {
            // A field that comes twice, which protobuf would merge: JSON has no form for it.
            _writer.WriteBase64String("protobuf", hit.Frame);
        }
    }
}
