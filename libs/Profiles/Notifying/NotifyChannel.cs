namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>How a target is told, and what that takes.</summary>
public abstract record NotifyChannel
{
    /// <summary>webhook, slack, pagerduty, smtp, alertmanager.</summary>
    public abstract string Kind { get; }

    /// <summary>PEM file of the authorities that vouch for the target; null: the system's.</summary>
    public string? CaFile { get; init; }
}

/// <summary>Takes CloudEvents, signed by the Standard Webhooks specification.</summary>
/// <param name="SecretFiles">Each holds one <c>whsec_...</c>; every one signs, so that keys can be changed.</param>
/// <param name="AuthorizationFile">Holds the value of an Authorization header; null: none is sent.</param>
public sealed record WebhookChannel(NotifyAddress Address, IReadOnlyList<string> SecretFiles, string? AuthorizationFile) : NotifyChannel
{
    /// <inheritdoc/>
    public override string Kind => "webhook";
}

/// <summary>Takes what Slack's incoming webhooks take.</summary>
public sealed record SlackChannel(NotifyAddress Address) : NotifyChannel
{
    /// <inheritdoc/>
    public override string Kind => "slack";
}

/// <summary>Takes PagerDuty's Events API v2.</summary>
/// <param name="RoutingKeyFile">Holds the integration's key.</param>
public sealed record PagerDutyChannel(Uri Url, string RoutingKeyFile) : NotifyChannel
{
    /// <inheritdoc/>
    public override string Kind => "pagerduty";
}

/// <summary>Takes mail.</summary>
/// <param name="User">Null: no authentication.</param>
/// <param name="PasswordFile">Not null where there is a user.</param>
public sealed record SmtpChannel(string Host, int Port, SmtpSecurity Security, string? User, string? PasswordFile, string From, IReadOnlyList<string> To) : NotifyChannel
{
    /// <inheritdoc/>
    public override string Kind => "smtp";
}

/// <summary>Takes alerts as Prometheus sends them.</summary>
/// <param name="Url">The base; <c>/api/v2/alerts</c> is appended.</param>
/// <param name="Labels">Added to each alert.</param>
/// <param name="AuthorizationFile">Holds the value of an Authorization header; null: none is sent.</param>
public sealed record AlertmanagerChannel(Uri Url, IReadOnlyDictionary<string, string> Labels, string? AuthorizationFile) : NotifyChannel
{
    /// <inheritdoc/>
    public override string Kind => "alertmanager";
}

/// <summary>A URL, or the file that holds it where the URL itself is the secret.</summary>
/// <param name="Url">Null where there is a file.</param>
/// <param name="File">Null where there is a URL.</param>
public sealed record NotifyAddress(Uri? Url, string? File);

/// <summary>How a connection to a mail server is kept private.</summary>
public enum SmtpSecurity
{
    /// <summary>TLS after STARTTLS; a server that does not offer it gets nothing.</summary>
    StartTls,

    /// <summary>TLS from the first byte.</summary>
    Tls,

    /// <summary>None; has to be spelled.</summary>
    None,
}
