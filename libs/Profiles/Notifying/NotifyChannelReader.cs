using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>How a target is told: exactly one of <c>webhook</c>, <c>slack</c>, <c>pagerduty</c>, <c>smtp</c>, <c>alertmanager</c>.</summary>
internal static partial class NotifyChannelReader
{
    private const int MaxSecrets = 4;
    private const int MaxRecipients = 50;
    private const string UrlForm = "a URL such as https://hooks.example.org/stella";
    private static readonly string[] s_kinds = ["webhook", "slack", "pagerduty", "smtp", "alertmanager"];
    private static readonly string[] s_ownLabels = ["tenant", "severity", "incident"];

    /// <summary>The channel with all that its kind has; null, with a fault, when it has no kind or several.</summary>
    public static NotifyChannel? Read(YamlSection target, string folder)
    {
        var kinds = s_kinds.Where(k => target.Find(k) is not null).ToList();
        if (kinds.Count != 1)
        {
            target.Fault(
                kinds.Count == 0 ? "name" : kinds[1],
                kinds.Count == 0 ? "a target of no kind" : $"a target of {kinds.Count} kinds: {string.Join(", ", kinds)}",
                $"write exactly one of {string.Join(", ", s_kinds)}");
            return null;
        }

        var section = target.Section(kinds[0]);
        var path = Scalars.FilePath(folder);
        var caFile = section.Read<string?>("ca_file", Nullable(path), Scalars.FileForm, null);
        NotifyChannel read = kinds[0] switch
        {
            "webhook" => Webhook(section, path),
            "slack" => new SlackChannel(Address(section, path)),
            "pagerduty" => PagerDuty(section, path),
            "smtp" => Smtp(section, path),
            _ => Alertmanager(section, path),
        };
        section.Done();
        return read with { CaFile = caFile };
    }

    private static WebhookChannel Webhook(YamlSection section, ScalarParser<string> path)
    {
        var secrets = section.List("secret_files", path, Scalars.FileForm);
        if (section.Find("secret_files") is null or SequenceNode { Items.Count: 0 or > MaxSecrets })
        {
            section.Fault("secret_files", $"a webhook is signed with 1 to {MaxSecrets} secrets", "name a file that holds 'whsec_' and 24 to 64 bytes in base64");
        }

        return new WebhookChannel(Address(section, path), secrets, section.Read<string?>("authorization_file", Nullable(path), Scalars.FileForm, null));
    }

    private static PagerDutyChannel PagerDuty(YamlSection section, ScalarParser<string> path) => new(
        section.Read("url", Scalars.HttpUrl, UrlForm, new Uri("https://events.pagerduty.com/v2/enqueue")),
        section.Require("routing_key_file", path, Scalars.FileForm, ""));

    private static AlertmanagerChannel Alertmanager(YamlSection section, ScalarParser<string> path)
    {
        var (labels, read) = (section.Section("labels"), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var key in labels.Keys.ToList())
        {
            if (!LabelName().IsMatch(key) || s_ownLabels.Contains(key))
            {
                labels.Fault(key, $"'{key}' is {(s_ownLabels.Contains(key) ? "a label that every alert has" : "no label's name")}", "use letters, digits and '_', and none of tenant, severity, incident");
            }

            read[key] = labels.Read(key, Scalars.Text, "a text", "");
        }

        labels.Done();
        return new AlertmanagerChannel(
            section.Require("url", Scalars.HttpUrl, UrlForm, new Uri("http://127.0.0.1:9093")), read, section.Read<string?>("authorization_file", Nullable(path), Scalars.FileForm, null));
    }

    private static SmtpChannel Smtp(YamlSection section, ScalarParser<string> path)
    {
        var security = section.Read("security", Scalars.OneOf(("starttls", SmtpSecurity.StartTls), ("tls", SmtpSecurity.Tls), ("none", SmtpSecurity.None)), "starttls, tls or none", SmtpSecurity.StartTls);
        var user = section.Read<string?>("user", Nullable<string>(Scalars.Text), "a text", null);
        var password = section.Read<string?>("password_file", Nullable(path), Scalars.FileForm, null);
        var to = section.List<string>("to", MailAddress, "an address such as on-call@example.org");
        var smtp = new SmtpChannel(
            section.Require("host", HostName, "a host", "localhost"),
            section.Read("port", Port, "a port", security == SmtpSecurity.Tls ? 465 : 587),
            security,
            user,
            password,
            section.Require("from", MailAddress, "an address such as stella@example.org", ""),
            to);
        if (section.Find("to") is null or SequenceNode { Items.Count: 0 or > MaxRecipients })
        {
            section.Fault("to", $"mail goes to 1 to {MaxRecipients} addresses", "write [on-call@example.org]");
        }

        if (user is null != password is null)
        {
            section.Fault(user is null ? "password_file" : "user", "user and password_file go together", "write both, or neither");
        }

        if (security == SmtpSecurity.None && password is not null && !IsThisMachine(smtp.Host))
        {
            section.Fault("security", "none would send the password in the clear", "write starttls or tls");
        }

        return smtp;
    }

    /// <summary>A URL, or a file that holds it.</summary>
    private static NotifyAddress Address(YamlSection section, ScalarParser<string> path)
    {
        var address = new NotifyAddress(
            section.Find("url") is null ? null : section.Read<Uri>("url", Scalars.HttpUrl, UrlForm, new Uri("http://127.0.0.1")),
            section.Read<string?>("url_file", Nullable(path), Scalars.FileForm, null));
        if (address.Url is null == address.File is null)
        {
            section.Fault(address.Url is null ? "url" : "url_file", address.Url is null ? "missing" : "there is a url as well", "write url, or url_file where the URL itself is a secret");
        }

        return address;
    }

    private static ScalarParser<T?> Nullable<T>(ScalarParser<T> parser)
        where T : class => (string text, out T? value) =>
    {
        var ok = parser(text, out var read);
        value = read;
        return ok;
    };

    private static bool HostName(string text, out string value)
    {
        value = text;
        return EgressTarget.TryParse(text, 1, out _);
    }

    private static bool Port(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and <= IPEndPoint.MaxPort;

    /// <summary>One plain address; names of people have no place in a target.</summary>
    private static bool MailAddress(string text, out string value)
    {
        value = text;
        return MailAddressForm().IsMatch(text);
    }

    private static bool IsThisMachine(string host) => EgressTarget.TryParse(host, 1, out var target) && (target.Address is { } address ? IPAddress.IsLoopback(address) : target.Name == "localhost");

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]{0,62}$")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
    private static partial Regex MailAddressForm();
}
