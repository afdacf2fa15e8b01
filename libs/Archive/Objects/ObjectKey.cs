using System.Buffers;

namespace StellaOps.Telemetry.Archive.Objects;

/// <summary>The form of keys: parts of <c>[A-Za-z0-9._-]</c> joined by <c>/</c>, none beginning with a dot, at most 512 characters.</summary>
public static class ObjectKey
{
    private const int MaxLength = 512;

    private static readonly SearchValues<char> s_allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Refuses anything else, so that no key can leave the store's root.</summary>
    /// <exception cref="ArgumentException">Not a key.</exception>
    public static void ThrowIfInvalid(string key)
    {
        if (!IsValid(key))
        {
            throw new ArgumentException($"'{key}' is not an object key", nameof(key));
        }
    }

    /// <summary>Refuses prefixes that no key can have: what is before their last slash is of a key's form.</summary>
    /// <exception cref="ArgumentException">None.</exception>
    public static void ThrowIfInvalidPrefix(string prefix)
    {
        var slash = prefix.LastIndexOf('/');
        if (slash >= 0)
        {
            ThrowIfInvalid(prefix[..slash]);
        }
    }

    /// <summary>Whether the text is a key.</summary>
    public static bool IsValid(string key)
    {
        if (key.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var range in key.AsSpan().Split('/'))
        {
            if (!IsPart(key.AsSpan()[range]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the text may stand between two slashes.</summary>
    public static bool IsPart(ReadOnlySpan<char> part) => part.Length > 0 && part[0] != '.' && !part.ContainsAnyExcept(s_allowed);
}
