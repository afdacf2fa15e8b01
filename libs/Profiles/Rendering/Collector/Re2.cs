namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>
/// Judges whether a regular expression of a policy means the same to RE2, which the Collector compiles it with at its start: one that it refuses
/// would keep the Collector from starting. Careful: what is not known to be lawful there is not.
/// </summary>
internal static class Re2
{
    /// <summary>Escapes of letters that both know: classes, borders, control characters.</summary>
    private const string Escapes = "dDsSwWbBAznrtfva";

    private static readonly string[] s_groups = ["(?:", "(?i)", "(?i:", "(?s)", "(?s:", "(?m)", "(?m:", "(?-i:"];

    private static readonly string[] s_categories = ["L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "N", "Nd", "Nl", "No", "P", "S", "Z", "Zs", "C"];

    public static bool Accepts(string pattern)
    {
        var inSet = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 == pattern.Length || !AcceptsEscape(pattern, ref i, inSet):
                    return false;
                case '[' when inSet && pattern[i - 1] == '-':
                    // .NET takes one set from another: [a-z-[aeiou]].
                    return false;
                case '[':
                    inSet = true;
                    break;
                case ']':
                    inSet = false;
                    break;
                case '(' when !inSet && i + 1 < pattern.Length && pattern[i + 1] == '?' && !s_groups.Any(g => pattern.AsSpan(i).StartsWith(g, StringComparison.Ordinal)):
                    return false;
            }
        }

        return !inSet && pattern.Length > 0;
    }

    private static bool AcceptsEscape(string pattern, ref int i, bool inSet)
    {
        var c = pattern[++i];
        if (!char.IsAsciiLetterOrDigit(c))
        {
            return char.IsAscii(c);
        }

        if (c is 'p' or 'P' && i + 1 < pattern.Length && pattern[i + 1] == '{')
        {
            var end = pattern.IndexOf('}', i);
            var known = end > 0 && s_categories.Contains(pattern[(i + 2)..end]);
            i = end > 0 ? end : i;
            return known;
        }

        if (c == 'x')
        {
            var known = i + 2 < pattern.Length && char.IsAsciiHexDigit(pattern[i + 1]) && char.IsAsciiHexDigit(pattern[i + 2]);
            i += 2;
            return known;
        }

        // In a set .NET takes \b for a backspace.
        return Escapes.Contains(c, StringComparison.Ordinal) && !(inSet && c is 'b' or 'B' or 'A' or 'z');
    }
}
