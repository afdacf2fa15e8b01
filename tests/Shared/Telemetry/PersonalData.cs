using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>One piece of personal data, as its sender writes it.</summary>
/// <param name="Class">What it is, in the policy's words.</param>
public sealed record PersonalDatum(string Class, string Text);

/// <summary>
/// The personal data that tests sow, and the search for it. Numbers are made-up ones that pass the check digits: they belong to nobody.
/// </summary>
public static class PersonalData
{
    /// <summary>The card number that travels as an integer (int64), not as text.</summary>
    public const long CardNumber = 4539578763621486;

    /// <summary>Everything that travels as text.</summary>
    public static IReadOnlyList<PersonalDatum> Texts { get; } =
    [
        new("email", "jane.roe+orders@mail.example.org"),
        new("card", "5425 2334 3010 9903"),
        new("card", "4539578763621486"),
        new("ipv4", "203.0.113.77"),
        new("ipv6", "2001:db8:85a3::8a2e:370:7334"),
        new("bearer", "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"),
        new("national-id", "536-22-8741"),
    ];

    /// <summary>One text that holds all of them.</summary>
    public static string Sentence { get; } = "customer " + string.Join(" and ", Texts.Select(t => t.Text)) + " called";

    /// <summary>What to look for in stored bytes: the texts, and the card number in every encoding that OTLP gives an integer.</summary>
    public static IReadOnlyList<(string Name, byte[] Needle)> Needles { get; } =
    [
        .. Texts.Select(t => (t.Class, Encoding.UTF8.GetBytes(t.Text.Replace("Bearer ", "", StringComparison.Ordinal)))),
        ("card as varint", Varint(CardNumber)),
        ("card as fixed64", BitConverter.GetBytes(CardNumber)),
        ("card as double", BitConverter.GetBytes((double)CardNumber)),
        ("card in decimal", Encoding.UTF8.GetBytes(CardNumber.ToString(CultureInfo.InvariantCulture))),
    ];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            bytes.Add((byte)(rest | 0x80));
            rest >>= 7;
        }

        bytes.Add((byte)rest);
        return [.. bytes];
    }
}
