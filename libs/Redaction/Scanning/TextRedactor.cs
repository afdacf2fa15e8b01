using System.Buffers;
using System.Security.Cryptography;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Finds and rewrites what the value rules match in one text. A rewritten text is rewritten again until no rule finds anything, so that a
/// second redaction finds nothing either.
/// </summary>
internal readonly struct TextRedactor(CompiledPolicy policy, RedactionScratch scratch, string tenant)
{
    private const int MaxRounds = 8;

    public Pseudonyms.TenantKeys Keys => policy.Pseudonyms.KeysOf(tenant);

    public bool Matches(ReadOnlySpan<byte> text) => Matches(text, ClassesIn(text));

    /// <summary>Gives the rewritten text, valid until the next call; false when no rule matches.</summary>
    public bool TryRewrite(ReadOnlySpan<byte> text, bool pseudonymise, out ReadOnlySpan<byte> rewritten)
    {
        rewritten = default;
        var classes = ClassesIn(text);
        if (!Matches(text, classes))
        {
            return false;
        }

        scratch.Source.ResetWrittenCount();
        scratch.Source.Write(text);
        for (var round = 0; ; round++)
        {
            if (round == MaxRounds)
            {
                scratch.Source.ResetWrittenCount();
                scratch.Source.Write(Marks.Redacted);
                break;
            }

            foreach (var rule in policy.Values)
            {
                if ((rule.Class & classes) != 0 && TryApply(rule, pseudonymise))
                {
                    classes = ClassesIn(scratch.Source.WrittenSpan);
                }
            }

            if (!Matches(scratch.Source.WrittenSpan, classes))
            {
                break;
            }
        }

        rewritten = scratch.Source.WrittenSpan;
        return true;
    }

    /// <summary>The classes whose rules have to look at this text; patterns always do.</summary>
    private ValueClasses ClassesIn(ReadOnlySpan<byte> text) => (Triggers.In(text) | ValueClasses.Pattern) & policy.Classes;

    private bool Matches(ReadOnlySpan<byte> text, ValueClasses classes)
    {
        if (classes != ValueClasses.None)
        {
            foreach (var rule in policy.Values)
            {
                if ((rule.Class & classes) != 0 && TryFind(rule, text, 0, out _, out _))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool TryFind(CompiledValueRule rule, ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (rule.TryFind(text, from, out start, out end))
        {
            if (!policy.IsAllowed(text[start..end]))
            {
                return true;
            }

            from = end;
        }

        return false;
    }

    private bool TryApply(CompiledValueRule rule, bool pseudonymise)
    {
        var text = scratch.Source.WrittenSpan;
        if (!TryFind(rule, text, 0, out var start, out var end))
        {
            return false;
        }

        var target = scratch.Target;
        target.ResetWrittenCount();
        var copied = 0;
        do
        {
            target.Write(text[copied..start]);
            Replace(rule, text[start..end], target, pseudonymise);
            scratch.Counts[rule.Index]++;
            copied = end;
        }
        while (TryFind(rule, text, copied, out start, out end));
        target.Write(text[copied..]);
        scratch.SwapTexts();
        return true;
    }

    private void Replace(CompiledValueRule rule, ReadOnlySpan<byte> match, ArrayBufferWriter<byte> target, bool pseudonymise)
    {
        if (pseudonymise || rule.Action == RedactionAction.Hmac)
        {
            Pseudonyms.Write(Keys, match, target.GetSpan(Pseudonyms.Length)[..Pseudonyms.Length]);
            target.Advance(Pseudonyms.Length);
        }
        else if (rule.Action == RedactionAction.Mask)
        {
            target.Write(rule.Mask);
        }
        else if (rule.Action == RedactionAction.Hash)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(match, hash);
            Span<byte> letters = stackalloc byte[SHA256.HashSizeInBytes * 2];
            Pseudonyms.Letters(hash, letters);
            target.Write("[sha256:"u8);
            target.Write(letters[..32]);
            target.Write("]"u8);
        }
    }
}
