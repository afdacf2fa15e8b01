using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Judges the settings of a bucket, all at once.</summary>
internal static partial class S3OptionsFaults
{
    private const int SmallestPart = 5 << 20;
    private const int LargestPart = 1 << 30;

    public static IEnumerable<string> Of(S3Options options) => [.. OfPlace(options), .. OfCredentials(options), .. OfEncryption(options), .. OfLimits(options)];

    private static string Key(string name) => KnownEnvironment.ArchiveS3 + name;

    private static IEnumerable<string> OfPlace(S3Options options)
    {
        if (options.EffectiveEndpoint is not { } endpoint || endpoint.Scheme is not ("https" or "http") || endpoint.PathAndQuery != "/" || endpoint.UserInfo.Length > 0)
        {
            yield return $"{Key("Endpoint")} '{options.Endpoint}' is no address of an S3 server: write https://s3.eu-central-1.amazonaws.com or https://minio.internal:9000, or name AWS's region with {Key("Region")}";
        }
        else if (endpoint.Scheme == "http" && !options.AllowPlaintext && !IsThisMachine(endpoint))
        {
            yield return $"{Key("Endpoint")} '{options.Endpoint}' would send telemetry in the clear: write https, or {Key("AllowPlaintext")}=true if the network is yours";
        }

        if (!string.IsNullOrEmpty(options.Region) && !RegionForm().IsMatch(options.Region))
        {
            yield return $"{Key("Region")} '{options.Region}' is no region's name: write one such as eu-central-1";
        }

        if (!BucketForm().IsMatch(options.Bucket ?? ""))
        {
            yield return $"{Key("Bucket")} '{options.Bucket}' is no bucket's name: 3 to 63 of a-z, 0-9, '-' and '.', a letter or digit at both ends";
        }
        else if (options.EffectiveEndpoint?.Scheme == "https" && !options.EffectivePathStyle && options.Bucket!.Contains('.', StringComparison.Ordinal))
        {
            yield return $"{Key("Bucket")} '{options.Bucket}' has a dot, so that no wildcard certificate names {options.Host}: write {Key("PathStyle")}=true, or take another bucket";
        }

        if (!string.IsNullOrEmpty(options.Prefix) && !ObjectKey.IsValid(options.Prefix.Trim('/')))
        {
            yield return $"{Key("Prefix")} '{options.Prefix}' cannot stand before keys: parts of A-Z, a-z, 0-9, '.', '_' and '-' joined by '/', none beginning with a dot";
        }

        if (!string.IsNullOrEmpty(options.CaFile) && !File.Exists(options.CaFile))
        {
            yield return $"{Key("CaFile")} is '{options.CaFile}', where no file is: name the authorities' certificates in PEM";
        }
    }

    private static IEnumerable<string> OfCredentials(S3Options options)
    {
        var files = new S3CredentialFiles(options.AccessKeyFile ?? "", options.SecretKeyFile ?? "", options.SessionTokenFile);
        foreach (var (name, path, what) in new[] { ("AccessKeyFile", options.AccessKeyFile, "the access key"), ("SecretKeyFile", options.SecretKeyFile, "the secret key") })
        {
            if (!File.Exists(path))
            {
                yield return $"{Key(name)} is '{path}', where no file is: name the file with {what}; nobody is served without";
            }
        }

        if (!string.IsNullOrEmpty(options.SessionTokenFile) && !File.Exists(options.SessionTokenFile))
        {
            yield return $"{Key("SessionTokenFile")} is '{options.SessionTokenFile}', where no file is: name the file with the session token, or unset it";
        }
        else if (File.Exists(options.AccessKeyFile) && File.Exists(options.SecretKeyFile) && !files.TryRead(out _, out var fault))
        {
            yield return $"{Key("AccessKeyFile")} and {Key("SecretKeyFile")} cannot be used: {fault}";
        }
    }

    private static IEnumerable<string> OfEncryption(S3Options options)
    {
        if (options.ServerSideEncryption is not ("none" or "AES256" or "aws:kms"))
        {
            yield return $"{Key("ServerSideEncryption")} is '{options.ServerSideEncryption}': write AES256, aws:kms, or none for what the bucket does by itself";
        }

        if (!string.IsNullOrEmpty(options.KmsKeyId) && options.ServerSideEncryption != "aws:kms")
        {
            yield return $"{Key("KmsKeyId")} is '{options.KmsKeyId}' and {Key("ServerSideEncryption")} is '{options.ServerSideEncryption}': write aws:kms, or unset the key";
        }
    }

    private static IEnumerable<string> OfLimits(S3Options options)
    {
        if (!Enum.IsDefined(options.Checksum))
        {
            yield return $"{Key("Checksum")} is '{options.Checksum}': write Sha256, Crc32 or Md5";
        }

        if (options.PartBytes is < SmallestPart or > LargestPart)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Key("PartBytes")} is {options.PartBytes}: write {SmallestPart} to {LargestPart}");
        }

        if (options.MultipartFromBytes is { } from && (from < 0 || from > options.PartBytes))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Key("MultipartFromBytes")} is {from} and {Key("PartBytes")} is {options.PartBytes}: write 0 to the bytes of a part");
        }

        if (options.MaxAttempts is < 1 or > 100)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Key("MaxAttempts")} is {options.MaxAttempts}: write 1 to 100");
        }

        foreach (var (name, value) in new[]
        {
            ("ConnectTimeout", options.ConnectTimeout), ("RequestTimeout", options.RequestTimeout), ("SilenceTimeout", options.SilenceTimeout),
            ("FirstDelay", options.FirstDelay), ("MaxDelay", options.MaxDelay), ("AbandonedAfter", options.AbandonedAfter),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(30))
            {
                yield return $"{Key(name)} is {value:c}: write a duration above 0 and up to 30 days, such as 00:00:30";
            }
        }
    }

    private static bool IsThisMachine(Uri endpoint) => endpoint.IdnHost == "localhost" || (IPAddress.TryParse(endpoint.IdnHost, out var address) && IPAddress.IsLoopback(address));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketForm();

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z")]
    private static partial Regex RegionForm();
}
