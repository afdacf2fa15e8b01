using System.Buffers;
using System.Security.Cryptography;
using StellaOps.Telemetry.Redaction.Sanitizing;

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

    /// <summary>Gives the rewritten text, valid until the next call; false when nothing changes it.</summary>
    public bool TryRewrite(ReadOnlySpan<byte> text, bool pseudonymise, Sanitizer sanitizer, out ReadOnlySpan<byte> rewritten)
    {
        rewritten = text;
        var isChanged = false;
        var classes = ClassesIn(text);
        for (var round = 0; ; round++)
        {
            var isDone = true;
            if (sanitizer != Sanitizer.None && TrySanitize(sanitizer, rewritten, pseudonymise))
            {
                rewritten = scratch.Source.WrittenSpan;
                classes = ClassesIn(rewritten);
                isDone = false;
            }

            if (classes != ValueClasses.None)
            {
                foreach (var rule in policy.Values)
                {
                    if ((rule.Class & classes) != 0 && TryApply(rule, rewritten, pseudonymise))
                    {
                        rewritten = scratch.Source.WrittenSpan;
                        classes = ClassesIn(rewritten);
                        isDone = false;
                    }
                }
            }

            isChanged |= !isDone;
            if (isDone || (classes == ValueClasses.None && sanitizer == Sanitizer.None))
            {
                return isChanged;
            }

            if (round == MaxRounds)
            {
                scratch.Source.ResetWrittenCount();
                scratch.Source.Write(Marks.Redacted);
                rewritten = scratch.Source.WrittenSpan;
                return true;
            }
        }
    }

    private bool TrySanitize(Sanitizer sanitizer, ReadOnlySpan<byte> text, bool pseudonymise)
    {
        var target = scratch.Target;
        target.ResetWrittenCount();
        switch (sanitizer)
        {
            case Sanitizer.Url:
                UrlText.Write(text, policy.Query, target);
                break;
            case Sanitizer.SpanName:
                UrlText.WriteSpanName(text, policy.Query, target);
                break;
            default:
                SqlText.Write(text, target);
                break;
        }

        if (target.WrittenSpan.SequenceEqual(text))
        {
            return false;
        }

        if (pseudonymise)
        {
            // Where two texts that become one would merge what is distinct.
            target.ResetWrittenCount();
            Pseudonyms.Write(Keys, text, target.GetSpan(Pseudonyms.Length)[..Pseudonyms.Length]);
            target.Advance(Pseudonyms.Length);
        }

        scratch.Counts[sanitizer == Sanitizer.Sql ? policy.DbIndex : policy.UrlIndex]++;
        scratch.SwapTexts();
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
        while (rule.TryFind(text, from, scratch.Pattern, out start, out end))
        {
            if (!policy.IsAllowed(text[start..end]))
            {
                return true;
            }

            from = end;
        }

        return false;
    }

    /// <summary>Writes the text with the rule's matches replaced into the scratch's source; the text may stand there.</summary>
    private bool TryApply(CompiledValueRule rule, ReadOnlySpan<byte> text, bool pseudonymise)
    {
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
