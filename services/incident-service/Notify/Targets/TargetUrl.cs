using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>Where a target is, said by the document or by a file that is a secret.</summary>
internal static class TargetUrl
{
    /// <exception cref="IOException">The file is not there, or holds no URL.</exception>
    public static Uri Of(NotifyAddress address)
    {
        if (address.Url is { } url)
        {
            return url;
        }

        return Uri.TryCreate(SecretFile.Read(address.File!), UriKind.Absolute, out var read) && read.Scheme is "http" or "https"
            ? read
            : throw new IOException($"'{address.File}' holds no URL of http or https");
    }
}
