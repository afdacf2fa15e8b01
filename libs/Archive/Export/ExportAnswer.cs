using System.Buffers.Binary;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>
/// An export on its way over HTTP: blocks of the file, each behind its length (4 bytes, big-endian); length 0; then an
/// <see cref="ArchiveExportSummary"/>. So whoever reads it knows what is missing, and a cut answer from a whole one.
/// </summary>
public static class ExportAnswer
{
    /// <summary>Its media type.</summary>
    public const string ContentType = "application/vnd.stella.blocks";

    /// <summary>The longest block.</summary>
    public const int MaxBlockBytes = 1024 * 1024;

    private const int MaxSummaryBytes = 1024 * 1024;

    /// <summary>Runs an export and writes its answer.</summary>
    /// <param name="onFailure">Told of what ended it early; the summary says so too.</param>
    public static async Task WriteAsync(IObjectStore store, ArchiveExportRequest request, Stream output, Action<Exception> onFailure, CancellationToken cancellationToken)
    {
        ArchiveExportSummary summary;
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            summary = await RunAsync(store, request, new BlockStream(output), null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            onFailure(e);
            summary = new ArchiveExportSummary(false, e.Message, new Dictionary<string, long>(), 0, 0, []);
        }

        await output.WriteAsync(new byte[4], cancellationToken).ConfigureAwait(false);
        await output.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(summary, ContractsJson.Default.ArchiveExportSummary), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs an export into a file.</summary>
    /// <param name="output">Stays open.</param>
    /// <param name="onProgress">Called after each segment.</param>
    public static async Task<ArchiveExportSummary> RunAsync(
        IObjectStore store, ArchiveExportRequest request, Stream output, Action<ExportProgress>? onProgress, CancellationToken cancellationToken)
    {
        var writer = new CollectorFileWriter(output, request.Format, request.Compress);
        await using var ofWriter = writer.ConfigureAwait(false);
        var done = await new ArchiveExport(store).RunAsync(
            request.Tenant,
            SearchRequestRules.UnixNano(request.From),
            SearchRequestRules.UnixNano(request.To),
            request.Signals is { Count: > 0 } signals ? [.. signals] : [.. SignalNames.All],
            writer,
            onProgress,
            cancellationToken).ConfigureAwait(false);
        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new ArchiveExportSummary(done.Gaps.Count == 0, null, done.Records.ToDictionary(r => r.Key.ToName(), r => r.Value), done.Requests, done.Copies, done.Gaps);
    }

    /// <summary>Takes the file out of an answer.</summary>
    /// <exception cref="InvalidDataException">It is cut, or no such answer.</exception>
    public static async Task<ArchiveExportSummary> ReadAsync(Stream answer, Stream file, Action<long>? onBytes, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        var block = Array.Empty<byte>();
        try
        {
            while (true)
            {
                await answer.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
                var length = BinaryPrimitives.ReadUInt32BigEndian(head);
                if (length == 0)
                {
                    return await ReadSummaryAsync(answer, cancellationToken).ConfigureAwait(false);
                }

                if (length > MaxBlockBytes)
                {
                    throw new InvalidDataException($"the answer claims a block of {length} bytes");
                }

                block = block.Length >= length ? block : new byte[length];
                await answer.ReadExactlyAsync(block.AsMemory(0, (int)length), cancellationToken).ConfigureAwait(false);
                await file.WriteAsync(block.AsMemory(0, (int)length), cancellationToken).ConfigureAwait(false);
                onBytes?.Invoke(length);
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the answer ended before the export did", e);
        }
    }

    private static async Task<ArchiveExportSummary> ReadSummaryAsync(Stream answer, CancellationToken cancellationToken)
    {
        using var rest = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await answer.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0 && rest.Length <= MaxSummaryBytes;)
        {
            rest.Write(buffer, 0, read);
        }

        try
        {
            return JsonSerializer.Deserialize(rest.GetBuffer().AsSpan(0, (int)rest.Length), ContractsJson.Default.ArchiveExportSummary)
                ?? throw new InvalidDataException("the answer ends without a summary");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("the answer ends without a summary", e);
        }
    }
}
