using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Otlp;
using ZstdSharp;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>
/// Writes Export requests as the Collector's file exporter does
/// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/fileexporter); compressed, all of it is one Zstandard stream. Not for use by two threads at once.
/// </summary>
public sealed class CollectorFileWriter : IAsyncDisposable
{
    private const int BlockBytes = 256 * 1024;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArchiveExportFormat _format;
    private readonly Stream _output;
    private readonly bool _isOurs;
    private readonly ArrayBufferWriter<byte> _block = new(BlockBytes);
    private Utf8JsonWriter? _writer;

    /// <param name="output">Stays open.</param>
    public CollectorFileWriter(Stream output, ArchiveExportFormat format, bool isCompressed)
    {
        _format = format;
        _isOurs = isCompressed;
        _output = isCompressed ? new CompressionStream(output, leaveOpen: true) : output;
    }

    /// <summary>Adds a request.</summary>
    /// <exception cref="InvalidDataException">JSON has no form for it: a field comes twice where there is room for one.</exception>
    public async ValueTask WriteAsync(Signal signal, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        if (_format == ArchiveExportFormat.Proto)
        {
            BinaryPrimitives.WriteInt32BigEndian(_block.GetSpan(4), request.Length);
            _block.Advance(4);
            _block.Write(request.Span);
        }
        else
        {
            WriteLine(signal, request.Span);
        }

        if (_block.WrittenCount >= BlockBytes)
        {
            await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what is left. Without it the file is cut.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
        if (_isOurs)
        {
            await _output.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            // It may hold half a line of a request that could not be written.
            _writer.Reset();
            await _writer.DisposeAsync().ConfigureAwait(false);
        }

        if (_isOurs)
        {
            await _output.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void WriteLine(Signal signal, ReadOnlySpan<byte> request)
    {
        (_writer ??= new Utf8JsonWriter(_block, s_json)).Reset(_block);
        if (!OtlpJsonWriter.TryWrite((OtlpSignal)signal, request, _writer))
        {
            throw new InvalidDataException($"a batch of {signal.ToName()} has no form in JSON, since a field comes twice in it: export as proto");
        }

        _writer.Flush();
        _block.Write("\n"u8);
    }

    private async Task WriteBlockAsync(CancellationToken cancellationToken)
    {
        await _output.WriteAsync(_block.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _block.ResetWrittenCount();
    }
}
