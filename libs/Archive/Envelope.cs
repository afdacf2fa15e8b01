using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive;

/// <summary>
/// What is known of a batch besides its bytes. Stands before the OTLP payload in the gateway's log and in every frame of a segment.
/// </summary>
/// <remarks>
/// Version 1, all numbers big-endian, lengths in bytes:
/// <code>
/// u8 version (1)   u8 flags (1 replay, 2 partial)   u8 signal
/// u8 length, gateway id    u64 sequence    i64 accepted-at (unix ns)
/// u8 length, tenant        32 profile hash    u32 record count    16 batch hash
/// [replay]   u8 length, mark
/// [partial]  u16 stamps { u8 length, policy   f64 rate   u8 length, incident id }
///            u32 kept   { u32 index   u16 stamp }      ascending by index
/// </code>
/// </remarks>
public sealed record Envelope
{
    /// <summary>Length of <see cref="ProfileHash"/>.</summary>
    public const int ProfileHashLength = 32;

    /// <summary>Length of <see cref="BatchHash"/>.</summary>
    public const int BatchHashLength = 16;

    private const byte Version = 1;
    private const byte ReplayFlag = 1;
    private const byte PartialFlag = 2;

    /// <summary>The gateway that accepted the batch.</summary>
    public required string GatewayId { get; init; }

    /// <summary>Its place in that gateway's log, from 1, without holes.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>When it was accepted, unix nanoseconds; never falls from one sequence to the next.</summary>
    public required long AcceptedAtUnixNano { get; init; }

    /// <summary>From the sender's identity.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Which OTLP request the payload is.</summary>
    public required Signal Signal { get; init; }

    /// <summary>SHA-256 of the profile in force.</summary>
    public required ReadOnlyMemory<byte> ProfileHash { get; init; }

    /// <summary>Records (spans, log records, data points) in the batch as it was logged, not in a partial frame.</summary>
    public required int RecordCount { get; init; }

    /// <summary>XXH128 of replay mark and payload as logged: tells a sender's retransmission.</summary>
    public required ReadOnlyMemory<byte> BatchHash { get; init; }

    /// <summary>Mark of a replay, or null.</summary>
    public string? ReplayMark { get; init; }

    /// <summary>Set when the payload carries only these records of the batch; null when it carries all of them.</summary>
    public IReadOnlyList<KeptRecord>? Kept { get; init; }

    /// <summary>Why records were kept; <see cref="KeptRecord.Stamp"/> points into it.</summary>
    public IReadOnlyList<Stamp> Stamps { get; init; } = [];

    /// <summary>Encodes.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var span = output.GetSpan(EncodedLength());
        var at = WriteWhole(span, GatewayId, Sequence, AcceptedAtUnixNano, Tenant, Signal, ProfileHash.Span, RecordCount, BatchHash.Span, ReplayMark);
        span[1] |= Kept is null ? (byte)0 : PartialFlag;
        if (Kept is not null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], checked((ushort)Stamps.Count));
            at += 2;
            foreach (var stamp in Stamps)
            {
                WriteText(span, ref at, stamp.Policy);
                BinaryPrimitives.WriteDoubleBigEndian(span[at..], stamp.Rate);
                at += 8;
                WriteText(span, ref at, stamp.IncidentId ?? "");
            }

            BinaryPrimitives.WriteInt32BigEndian(span[at..], Kept.Count);
            at += 4;
            foreach (var kept in Kept)
            {
                BinaryPrimitives.WriteInt32BigEndian(span[at..], kept.Index);
                BinaryPrimitives.WriteUInt16BigEndian(span[(at + 4)..], kept.Stamp);
                at += 6;
            }
        }

        output.Advance(at);
    }

    /// <summary>Encodes the envelope of a whole batch without making one; returns its length.</summary>
    public static int WriteWhole(
        Span<byte> target,
        string gatewayId,
        ulong sequence,
        long acceptedAtUnixNano,
        TenantId tenant,
        Signal signal,
        ReadOnlySpan<byte> profileHash,
        int recordCount,
        ReadOnlySpan<byte> batchHash,
        string? replayMark)
    {
        var at = 0;
        target[at++] = Version;
        target[at++] = (byte)(replayMark is null ? 0 : ReplayFlag);
        target[at++] = (byte)signal;
        WriteText(target, ref at, gatewayId);
        BinaryPrimitives.WriteUInt64BigEndian(target[at..], sequence);
        at += 8;
        BinaryPrimitives.WriteInt64BigEndian(target[at..], acceptedAtUnixNano);
        at += 8;
        WriteText(target, ref at, tenant.Value);
        profileHash[..ProfileHashLength].CopyTo(target[at..]);
        at += ProfileHashLength;
        BinaryPrimitives.WriteInt32BigEndian(target[at..], recordCount);
        at += 4;
        batchHash[..BatchHashLength].CopyTo(target[at..]);
        at += BatchHashLength;
        if (replayMark is not null)
        {
            WriteText(target, ref at, replayMark);
        }

        return at;
    }

    /// <summary>Decodes; false on anything that <see cref="WriteTo"/> cannot have written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out Envelope? envelope)
    {
        envelope = null;
        var at = 3;
        if (data.Length < at || data[0] != Version || (data[1] & ~(ReplayFlag | PartialFlag)) != 0 || data[2] is < 1 or > 3
            || !TryReadText(data, ref at, out var gatewayId) || data.Length - at < 16)
        {
            return false;
        }

        var sequence = BinaryPrimitives.ReadUInt64BigEndian(data[at..]);
        var acceptedAt = BinaryPrimitives.ReadInt64BigEndian(data[(at + 8)..]);
        at += 16;
        if (!TryReadText(data, ref at, out var tenantText) || !TenantId.TryParse(tenantText, out var tenant)
            || data.Length - at < ProfileHashLength + 4 + BatchHashLength)
        {
            return false;
        }

        var profileHash = data.Slice(at, ProfileHashLength).ToArray();
        at += ProfileHashLength;
        var recordCount = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
        at += 4;
        var batchHash = data.Slice(at, BatchHashLength).ToArray();
        at += BatchHashLength;
        string? replay = null;
        if ((data[1] & ReplayFlag) != 0 && !TryReadText(data, ref at, out replay))
        {
            return false;
        }

        KeptRecord[]? kept = null;
        Stamp[] stamps = [];
        if ((data[1] & PartialFlag) != 0 && !TryReadPartial(data, ref at, recordCount, out stamps, out kept))
        {
            return false;
        }

        if (at != data.Length || recordCount < 0)
        {
            return false;
        }

        envelope = new Envelope
        {
            GatewayId = gatewayId,
            Sequence = sequence,
            AcceptedAtUnixNano = acceptedAt,
            Tenant = tenant,
            Signal = (Signal)data[2],
            ProfileHash = profileHash,
            RecordCount = recordCount,
            BatchHash = batchHash,
            ReplayMark = replay,
            Kept = kept,
            Stamps = stamps,
        };
        return true;
    }

    private static bool TryReadPartial(ReadOnlySpan<byte> data, ref int at, int recordCount, out Stamp[] stamps, [NotNullWhen(true)] out KeptRecord[]? kept)
    {
        kept = null;
        stamps = [];
        if (data.Length - at < 2)
        {
            return false;
        }

        stamps = new Stamp[BinaryPrimitives.ReadUInt16BigEndian(data[at..])];
        at += 2;
        for (var i = 0; i < stamps.Length; i++)
        {
            if (!TryReadText(data, ref at, out var policy) || data.Length - at < 8)
            {
                return false;
            }

            var rate = BinaryPrimitives.ReadDoubleBigEndian(data[at..]);
            at += 8;
            if (!TryReadText(data, ref at, out var incident))
            {
                return false;
            }

            stamps[i] = new Stamp(policy, rate, incident.Length == 0 ? null : incident);
        }

        if (data.Length - at < 4)
        {
            return false;
        }

        var count = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
        at += 4;
        if (count < 0 || count > recordCount || (data.Length - at) / 6 < count)
        {
            return false;
        }

        kept = new KeptRecord[count];
        var last = -1;
        for (var i = 0; i < count; i++)
        {
            var index = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            var stamp = BinaryPrimitives.ReadUInt16BigEndian(data[(at + 4)..]);
            at += 6;
            if (index <= last || index >= recordCount || stamp >= stamps.Length)
            {
                return false;
            }

            last = index;
            kept[i] = new KeptRecord(index, stamp);
        }

        return true;
    }

    private int EncodedLength()
    {
        var length = 3 + 1 + Encoding.UTF8.GetByteCount(GatewayId) + 16 + 1 + Tenant.Value.Length + ProfileHashLength + 4 + BatchHashLength;
        if (ReplayMark is not null)
        {
            length += 1 + Encoding.UTF8.GetByteCount(ReplayMark);
        }

        if (Kept is not null)
        {
            length += 2 + 4 + (6 * Kept.Count);
            foreach (var stamp in Stamps)
            {
                length += 1 + Encoding.UTF8.GetByteCount(stamp.Policy) + 8 + 1 + Encoding.UTF8.GetByteCount(stamp.IncidentId ?? "");
            }
        }

        return length;
    }

    private static void WriteText(Span<byte> span, ref int at, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, span[(at + 1)..]);
        span[at] = checked((byte)length);
        at += 1 + length;
    }

    private static bool TryReadText(ReadOnlySpan<byte> data, ref int at, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (at >= data.Length || data.Length - at - 1 < data[at])
        {
            return false;
        }

        text = Encoding.UTF8.GetString(data.Slice(at + 1, data[at]));
        at += 1 + data[at];
        return true;
    }
}

/// <summary>One record of a partial frame: its index in wire order of the logged batch, and why it was kept.</summary>
public readonly record struct KeptRecord(int Index, ushort Stamp);

/// <summary>Why a record was kept. Exporters alone materialise it as attributes.</summary>
/// <param name="Policy">Name of the sampling policy that decided.</param>
/// <param name="Rate">The share of such records that is kept, above 0 and at most 1.</param>
public sealed record Stamp(string Policy, double Rate, string? IncidentId);
