using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Crash;

/// <summary>Every record sent has a number; what became of it.</summary>
internal sealed class Account
{
    private const int Digits = 10;

    private readonly ConcurrentDictionary<long, Fate> _fates = new();
    private long _last;

    private static ReadOnlySpan<byte> Mark => "crash-"u8;

    /// <summary>The first of so many numbers that nobody else has.</summary>
    public long Next(int count) => Interlocked.Add(ref _last, count) - count + 1;

    /// <summary>The text that stands in the record, and is found again wherever its bytes go.</summary>
    public static string TextOf(long number) => Encoding.ASCII.GetString(Mark) + number.ToString("d10", CultureInfo.InvariantCulture);

    public void Acknowledged(long first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Set(first + i, Fate.Acknowledged);
        }
    }

    /// <summary>Notes every record whose text is in the bytes; returns their numbers.</summary>
    public IReadOnlyList<long> Seen(ReadOnlySpan<byte> bytes, Fate where)
    {
        var found = new List<long>();
        for (var rest = bytes; rest.IndexOf(Mark) is var at and >= 0; rest = rest[(at + Mark.Length)..])
        {
            var digits = rest[(at + Mark.Length)..];
            if (digits.Length >= Digits && Utf8Parser.TryParse(digits[..Digits], out long number, out var read) && read == Digits)
            {
                Set(number, where);
                found.Add(number);
            }
        }

        return found;
    }

    public long Count(Func<Fate, bool> condition) => _fates.Values.LongCount(condition);

    /// <summary>The numbers of records that were acknowledged and are in none of these places.</summary>
    public IReadOnlyList<long> Missing(Fate places) =>
        [.. _fates.Where(f => (f.Value & Fate.Acknowledged) != 0 && (f.Value & places) == 0).Select(f => f.Key).Order()];

    private void Set(long number, Fate fate) => _fates.AddOrUpdate(number, fate, (_, old) => old | fate);
}

/// <summary>Where a record was seen.</summary>
[Flags]
internal enum Fate
{
    None = 0,
    Acknowledged = 1,
    Arrived = 2,
    DeadLettered = 4,
    Archived = 8,
}
