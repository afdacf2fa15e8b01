using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Egress;

/// <summary>No profile seals the worker off from the archive: one that would is refused while it runs, as it is at the start.</summary>
internal sealed class ArchiveFollower(IOptions<CaptureFilesOptions> files) : ISiteProfileFollower
{
    public IEnumerable<string> FaultsOf(Profile next) => files.Value.Archive.FaultsOfSeal(next.Sealed.ToPolicy().Allows);
}
