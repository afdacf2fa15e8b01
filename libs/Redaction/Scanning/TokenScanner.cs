using System.Buffers.Text;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Finds credentials that can be told by their shape: <c>Bearer ...</c>, <c>Basic ...</c>, <c>eyJ...</c>, keys with a well-known prefix, PEM private keys.</summary>
internal static class TokenScanner
{
    private const int LongestBasic = 512;

    private static readonly Needle[] s_needles = BuildNeedles();

    private enum Shape
    {
        Bearer,
        Basic,
        Jwt,
        Prefix,
        Pem,
    }

    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (var place = Triggers.NextToken(text, from); place >= 0; place = Triggers.NextToken(text, from))
        {
            from = place + 1;
            foreach (var needle in s_needles)
            {
                if (needle.TryMatch(text, place, out start, out end, ref from))
                {
                    return true;
                }
            }
        }

        start = end = 0;
        return false;
    }

    private static Needle[] BuildNeedles()
    {
        var needles = new List<Needle>
        {
            new("eyJ", Shape.Jwt, 0),
            new("-----BEGIN ", Shape.Pem, 0),
        };
        foreach (var scheme in (string[])["bearer", "Bearer", "BEARER"])
        {
            needles.Add(new Needle(scheme, Shape.Bearer, 0));
        }

        foreach (var scheme in (string[])["basic", "Basic", "BASIC"])
        {
            needles.Add(new Needle(scheme, Shape.Basic, 0));
        }

        foreach (var (prefix, tail) in ((string, int)[])
        [
            ("AKIA", 16), ("ASIA", 16), ("AIza", 30), ("ya29.", 20), ("ghp_", 30), ("gho_", 30), ("ghu_", 30), ("ghs_", 30), ("ghr_", 30),
            ("github_pat_", 22), ("glpat-", 16), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10), ("xoxs-", 10),
            ("sk_live_", 10), ("sk_test_", 10), ("rk_live_", 10), ("pk_live_", 10), ("sk-ant-", 16), ("sk-proj-", 16), ("npm_", 30), ("pypi-", 30),
            ("hf_", 30), ("dop_v1_", 30), ("shpat_", 20), ("SG.", 30), ("stik_", 12), ("hvs.", 20), ("AGE-SECRET-KEY-", 20),
        ])
        {
            needles.Add(new Needle(prefix, Shape.Prefix, tail));
        }

        return [.. needles];
    }

    private sealed class Needle(string text, Shape shape, int tail)
    {
        private readonly byte[] _text = System.Text.Encoding.ASCII.GetBytes(text);

        /// <summary>Whether a credential begins here; where not, says how far it need not be looked for again.</summary>
        public bool TryMatch(ReadOnlySpan<byte> haystack, int place, out int start, out int end, ref int resume)
        {
            start = place;
            end = 0;
            if (!haystack[place..].StartsWith(_text) || (shape != Shape.Pem && Ascii.IsWordAt(haystack, place - 1)))
            {
                return false;
            }

            var after = place + _text.Length;
            return shape switch
            {
                Shape.Bearer => TryBearer(haystack, after, out start, out end),
                Shape.Basic => TryBasic(haystack, after, out start, out end),
                Shape.Jwt => TryJwt(haystack, after, out end, out resume),
                Shape.Pem => TryPem(haystack, after, out end),
                _ => TryTail(haystack, after, out end),
            };
        }

        private bool TryTail(ReadOnlySpan<byte> text, int after, out int end)
        {
            end = Run(text, after);
            return end - after >= tail;
        }
    }

    // The scheme stays, its credentials go: "Bearer [token]".
    private static bool TryBearer(ReadOnlySpan<byte> text, int after, out int start, out int end)
    {
        start = SkipGap(text, after);
        end = start;
        if (start == after)
        {
            // Before the credentials are read: "bearer-bearer-bearer-..." would be read to its end at every word otherwise.
            return false;
        }

        var marks = false;
        while (end < text.Length && IsToken68(text[end]))
        {
            marks |= Ascii.IsDigit(text[end]);
            end++;
        }

        var length = end - start;
        return length >= 16 || (length >= 8 && marks);
    }

    private static bool TryBasic(ReadOnlySpan<byte> text, int after, out int start, out int end)
    {
        start = SkipGap(text, after);
        end = start;
        if (start == after)
        {
            return false;
        }

        while (end < text.Length && IsToken68(text[end]))
        {
            end++;
        }

        var length = end - start;
        if (length < 4)
        {
            return false;
        }

        if (length > LongestBasic)
        {
            return true;
        }

        // Prose ("basic authentication") does not decode to "user:password" in printable characters.
        Span<byte> plain = stackalloc byte[LongestBasic];
        var encoded = text[start..end];
        encoded = encoded[..(encoded.Length / 4 * 4)];
        Base64.DecodeFromUtf8(encoded, plain, out _, out var written, isFinalBlock: false);
        return plain[..written].Contains((byte)':') && plain[..written].IndexOfAnyInRange((byte)0, (byte)31) < 0;
    }

    private static int SkipGap(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length)
        {
            if (text[at] is (byte)' ' or (byte)'\t' or (byte)'+' or (byte)':' or (byte)'=' or (byte)'"')
            {
                at++;
            }
            else if (text[at..].StartsWith("%20"u8))
            {
                at += 3;
            }
            else
            {
                break;
            }
        }

        return at;
    }

    private static bool IsToken68(byte b) => Ascii.IsAlphanumeric(b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' or (byte)'+' or (byte)'/' or (byte)'=';

    private static bool TryJwt(ReadOnlySpan<byte> text, int after, out int end, out int resume)
    {
        end = 0;
        var header = Run(text, after);
        resume = header;
        if (header - after < 5 || header >= text.Length || text[header] != '.')
        {
            return false;
        }

        var claims = Run(text, header + 1);
        resume = claims;
        if (claims - header < 6)
        {
            return false;
        }

        end = claims;
        // Three parts for a signed token, five for an encrypted one.
        for (var part = 0; part < 3 && end < text.Length && text[end] == '.'; part++)
        {
            end = Run(text, end + 1);
        }

        return true;
    }

    private static bool TryPem(ReadOnlySpan<byte> text, int after, out int end)
    {
        end = 0;
        var label = text[after..];
        var close = label[..Math.Min(64, label.Length)].IndexOf("-----"u8);
        if (close < 0 || label[..close].IndexOf("PRIVATE KEY"u8) < 0)
        {
            return false;
        }

        var foot = label[close..].IndexOf("-----END "u8);
        if (foot < 0)
        {
            end = text.Length;
            return true;
        }

        var tail = label[(close + foot + 9)..].IndexOf("-----"u8);
        end = tail < 0 ? text.Length : after + close + foot + 9 + tail + 5;
        return true;
    }

    private static int Run(ReadOnlySpan<byte> text, int from)
    {
        while (from < text.Length && (Ascii.IsAlphanumeric(text[from]) || text[from] is (byte)'-' or (byte)'_'))
        {
            from++;
        }

        return from;
    }
}
