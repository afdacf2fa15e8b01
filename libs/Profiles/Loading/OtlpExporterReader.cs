using System.Buffers;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>An exporter of type <c>otlp</c>; keys as in the Collector's otlp and otlphttp exporters where it has them.</summary>
internal static class OtlpExporterReader
{
    private const string DurationForm = "a duration such as 10s";
    private const int MaxConsumers = 64;
    private const int MinRequestBytes = 64 << 10;
    private const long MaxBytesOnTheirWay = 256L << 20;

    /// <summary>Set by us; a profile that set them would break the protocol.</summary>
    private static readonly string[] s_reserved = ["host", "te", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "upgrade", "expect"];

    /// <summary>What carries a credential has no place in a document that is stored, shown and signed.</summary>
    private static readonly string[] s_secret = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"];

    private static readonly SearchValues<char> s_headerName = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static OtlpExporterSettings Read(YamlSection section, string name)
    {
        var endpoint = section.Require("endpoint", Scalars.HttpUrl, "a URL such as http://127.0.0.1:4327", new Uri("http://127.0.0.1"));
        var protocol = section.Read("protocol", Scalars.OneOf(("grpc", OtlpProtocol.Grpc), ("http/protobuf", OtlpProtocol.HttpProtobuf)), "grpc or http/protobuf", OtlpProtocol.Grpc);
        var (headers, files) = Headers(section);
        var tenantHeader = section.Read("tenant_header", HeaderName, "a header name, or none", "X-Scope-OrgID") is var header && header == "none" ? null : header;
        var queue = section.Section("sending_queue");
        var retry = section.Section("retry_on_failure");
        var breaker = section.Section("circuit_breaker");
        var settings = new OtlpExporterSettings(
            name,
            endpoint,
            protocol,
            headers,
            tenantHeader,
            section.Read("timeout", Scalars.Duration, DurationForm, TimeSpan.FromSeconds(10)),
            section.Read("max_elapsed", Scalars.Duration, DurationForm, TimeSpan.FromDays(7)))
        {
            HeaderFiles = files,
            Compression = section.Read("compression", Scalars.OneOf(("none", OtlpCompression.None), ("gzip", OtlpCompression.Gzip), ("zstd", OtlpCompression.Zstd)), "none, gzip or zstd", OtlpCompression.None),
            Tls = Tls(section, endpoint),
            Consumers = queue.Read("num_consumers", Scalars.Count, "a whole number above 0", 4),
            MaxRequestBytes = section.Read("max_request_bytes", Scalars.SmallSize, "a size such as 1MiB", 1 << 20),
            Retry = new RetrySettings(
                retry.Read("initial_interval", Scalars.Duration, DurationForm, TimeSpan.FromMilliseconds(250)),
                retry.Read("max_interval", Scalars.Duration, DurationForm, TimeSpan.FromSeconds(10))),
            BreakerFailures = breaker.Read("failures", Scalars.Count, "a whole number above 0", 5),
        };
        Check(section, queue, retry, settings);
        queue.Done();
        retry.Done();
        breaker.Done();
        return settings;
    }

    private static void Check(YamlSection section, YamlSection queue, YamlSection retry, OtlpExporterSettings settings)
    {
        if (settings.Consumers > MaxConsumers)
        {
            queue.Fault("num_consumers", $"{settings.Consumers} is above {MaxConsumers}", "lower it: more requests at once do not make a store faster");
        }

        if (settings.MaxRequestBytes < MinRequestBytes)
        {
            section.Fault("max_request_bytes", $"{settings.MaxRequestBytes} bytes is below {MinRequestBytes}", "raise it: each request would carry next to nothing");
        }

        if ((long)settings.MaxRequestBytes * settings.Consumers > MaxBytesOnTheirWay)
        {
            section.Fault("max_request_bytes", $"{settings.MaxRequestBytes} bytes times sending_queue.num_consumers {settings.Consumers} is above {MaxBytesOnTheirWay} bytes", "lower either: so much may be in memory at once");
        }

        if (settings.Retry.MaxInterval < settings.Retry.InitialInterval)
        {
            retry.Fault("max_interval", $"{settings.Retry.MaxInterval} is below initial_interval {settings.Retry.InitialInterval}", "raise it, or lower initial_interval");
        }
    }

    private static TlsClientSettings Tls(YamlSection section, Uri endpoint)
    {
        var tls = section.Section("tls");
        var settings = new TlsClientSettings(
            tls.Read<string?>("ca_file", FilePath, "an absolute path", null),
            tls.Read<string?>("cert_file", FilePath, "an absolute path", null),
            tls.Read<string?>("key_file", FilePath, "an absolute path", null),
            tls.Read<string?>("server_name_override", HostName, "a host name", null));
        tls.Done();
        if (settings.IsSet && endpoint.Scheme != "https")
        {
            section.Fault("tls", $"endpoint {endpoint} is not https", "write https in the endpoint, or remove tls");
        }

        if (settings.CertFile is null != settings.KeyFile is null)
        {
            tls.Fault(settings.CertFile is null ? "key_file" : "cert_file", "stands alone", "give cert_file and key_file, or neither");
        }

        return settings;
    }

    /// <summary>A value is a text, or <c>{ file: /run/secrets/token }</c>.</summary>
    private static (TextMap Texts, TextMap Files) Headers(YamlSection section)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var headers = section.Section("headers");
        foreach (var name in headers.Keys)
        {
            if (!HeaderName(name, out _) || s_reserved.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
            {
                _ = headers.Find(name);
                headers.Fault(name, "is no header that may be set", "remove it");
            }
            else if (!(headers.Find(name) is MappingNode ? files.TryAdd(name, FileOf(headers.Section(name))) : texts.TryAdd(name, headers.Require(name, HeaderValue, "a text", ""))))
            {
                headers.Fault(name, "is there twice", "keep one: header names are not told apart by case");
            }

            if (texts.ContainsKey(name) && s_secret.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                headers.Fault(name, "a credential stands in the profile", $"put it into a file of its own and write '{name}: {{ file: /run/secrets/... }}'");
            }
        }

        headers.Done();
        return (new TextMap(texts), new TextMap(files));
    }

    private static string FileOf(YamlSection value)
    {
        var file = value.Require("file", FilePath, "an absolute path", (string?)"");
        value.Done();
        return file ?? "";
    }

    private static bool FilePath(string text, out string? value)
    {
        value = text;
        return Path.IsPathFullyQualified(text);
    }

    private static bool HostName(string text, out string? value)
    {
        value = text;
        return Uri.CheckHostName(text) == UriHostNameType.Dns;
    }

    private static bool HeaderName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExcept(s_headerName);
    }

    private static bool HeaderValue(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= 8192 && !text.Any(c => char.IsControl(c) || c > 0x7E);
    }
}
