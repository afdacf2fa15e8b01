namespace StellaOps.Telemetry.Redaction;

/// <summary>The built-in classes of personal data and secrets. The order is the order in which they are looked for.</summary>
public enum ValueClass
{
    /// <summary>Authorization values, JSON web tokens, keys with a well-known prefix, private keys in PEM form.</summary>
    Token,

    /// <summary>E-mail addresses, plain and percent-encoded.</summary>
    Email,

    /// <summary>IPv6 addresses in every textual form.</summary>
    Ipv6,

    /// <summary>IPv4 addresses in dotted form.</summary>
    Ipv4,

    /// <summary>International bank account numbers with a right check sum.</summary>
    Iban,

    /// <summary>Payment card numbers: known prefix and length, right Luhn sum; in text, integers and doubles.</summary>
    Card,

    /// <summary>US social security and individual taxpayer numbers, UK national insurance numbers.</summary>
    NationalId,

    /// <summary>A regular expression of the policy.</summary>
    Pattern,
}
