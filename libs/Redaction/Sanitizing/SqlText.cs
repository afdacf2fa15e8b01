using System.Buffers;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction.Sanitizing;

/// <summary>
/// Replaces the literals of a SQL text by <c>?</c> and takes its comments out: <c>WHERE mail = 'x' AND n = 7 -- ada</c> becomes
/// <c>WHERE mail = ? AND n = ? </c>. Dialects differ in what a backslash or a double quote means: where one reading would show a literal,
/// the other is taken. One pass; what it made it leaves as it is.
/// </summary>
internal static class SqlText
{
    private static readonly SearchValues<byte> s_starts = SearchValues.Create("'\"-/#$0123456789"u8);

    public static void Write(ReadOnlySpan<byte> sql, IBufferWriter<byte> output)
    {
        var at = 0;
        var copied = 0;
        while (at < sql.Length)
        {
            var offset = sql[at..].IndexOfAny(s_starts);
            if (offset < 0)
            {
                break;
            }

            at += offset;
            if (!TryReplace(sql, ref at, out var start, out var mark))
            {
                continue;
            }

            output.Write(sql[copied..start]);
            output.Write(mark);
            copied = at;
        }

        output.Write(sql[copied..]);
    }

    /// <summary>Reads what begins here and moves behind it; false where that stays.</summary>
    private static bool TryReplace(ReadOnlySpan<byte> sql, ref int at, out int start, out ReadOnlySpan<byte> mark)
    {
        start = at;
        mark = "?"u8;
        switch (sql[at])
        {
            case (byte)'\'' or (byte)'"':
                // N'...', E'...', X'...', B'...': the letter belongs to the literal.
                if (at > 0 && (sql[at - 1] | 0x20) is 'n' or 'e' or 'x' or 'b' or 'u' && !IsWord(sql, at - 2))
                {
                    start = at - 1;
                }

                at = QuoteEnd(sql, at);
                return true;
            case (byte)'-' when Next(sql, at) == '-':
            case (byte)'#' when !IsOperator(sql, at):
                var line = sql[at..].IndexOfAny((byte)'\n', (byte)'\r');
                at = line < 0 ? sql.Length : at + line;
                mark = default;
                return true;
            case (byte)'/' when Next(sql, at) == '*':
                var close = sql[(at + 2)..].IndexOf("*/"u8);
                at = close < 0 ? sql.Length : at + 2 + close + 2;
                mark = " "u8;
                return true;
            case (byte)'$' when TryDollarQuote(sql, at, out var end):
                at = end;
                return true;
            case (byte)'$':
                // $1 is a parameter.
                at = WordEnd(sql, at + 1);
                return false;
            case >= (byte)'0' and <= (byte)'9' when !IsWord(sql, at - 1) && !IsParameter(sql, at - 1):
                at = NumberEnd(sql, at);
                return true;
            case >= (byte)'0' and <= (byte)'9':
                at = WordEnd(sql, at);
                return false;
            default:
                at++;
                return false;
        }
    }

    private static int QuoteEnd(ReadOnlySpan<byte> sql, int at)
    {
        var quote = sql[at];
        for (at++; at < sql.Length; at++)
        {
            var offset = sql[at..].IndexOfAny(quote, (byte)'\\');
            if (offset < 0)
            {
                return sql.Length;
            }

            at += offset;
            if (sql[at] == '\\')
            {
                if (Next(sql, at) == quote)
                {
                    // The end of the literal or a quote in it: nobody can tell, so nothing of the rest is shown.
                    return sql.Length;
                }

                at += Next(sql, at) == '\\' ? 1 : 0;
            }
            else if (Next(sql, at) == quote)
            {
                at++;
            }
            else
            {
                return at + 1;
            }
        }

        return sql.Length;
    }

    private static bool TryDollarQuote(ReadOnlySpan<byte> sql, int at, out int end)
    {
        end = at + 1;
        if (!Ascii.IsDigitAt(sql, end))
        {
            end = WordEnd(sql, end);
        }

        if (end >= sql.Length || sql[end] != '$')
        {
            return false;
        }

        var tag = sql[at..(end + 1)];
        var close = sql[(end + 1)..].IndexOf(tag);
        end = close < 0 ? sql.Length : end + 1 + close + tag.Length;
        return true;
    }

    private static int NumberEnd(ReadOnlySpan<byte> sql, int at)
    {
        while (at < sql.Length && (Ascii.IsAlphanumeric(sql[at]) || sql[at] is (byte)'.' or (byte)'_'
            || (sql[at] is (byte)'+' or (byte)'-' && (sql[at - 1] | 0x20) == 'e' && Ascii.IsDigitAt(sql, at + 1))))
        {
            at++;
        }

        return at;
    }

    private static int WordEnd(ReadOnlySpan<byte> sql, int at)
    {
        while (IsWord(sql, at))
        {
            at++;
        }

        return at;
    }

    private static bool IsWord(ReadOnlySpan<byte> sql, int at) =>
        (uint)at < (uint)sql.Length && (Ascii.IsAlphanumeric(sql[at]) || sql[at] == '_' || sql[at] >= 0x80);

    // ?1, :1 and @1 are parameters; a cast (::) is none.
    private static bool IsParameter(ReadOnlySpan<byte> sql, int at) =>
        at >= 0 && (sql[at] is (byte)'?' or (byte)'@' or (byte)'$' || (sql[at] == ':' && !(at > 0 && sql[at - 1] == ':')));

    // PostgreSQL: a #> b, a #- b; MySQL: # begins a comment.
    private static bool IsOperator(ReadOnlySpan<byte> sql, int at) => Next(sql, at) == '>' || (Next(sql, at) == '-' && Next(sql, at + 1) != '-');

    private static int Next(ReadOnlySpan<byte> sql, int at) => at + 1 < sql.Length ? sql[at + 1] : 0;
}
