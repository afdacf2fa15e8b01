using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.IngestGateway.Fleet;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.IngestGateway.Tests.Fleet;

public sealed class FleetIdentityTests : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch.AddYears(56);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-fleet-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "data", "uid");

    private FleetIdentity Identity => new(new AtomicFile(Path), NullLogger<FleetIdentity>.Instance);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void ReadOrCreate_Twice_IsTheSame() => Assert.Equal(Identity.ReadOrCreate(s_now), Identity.ReadOrCreate(s_now.AddDays(1)));

    [Fact]
    public void Keep_Another_IsReadFromThenOn()
    {
        Identity.ReadOrCreate(s_now);
        var uid = InstanceUid.New(s_now);

        Identity.Keep(uid);

        Assert.Equal(uid, Identity.ReadOrCreate(s_now));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void Keep_DiskRefuses_GoesOn()
    {
        Directory.CreateDirectory(Path);

        Assert.NotEqual(default, Identity.ReadOrCreate(s_now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public void ReadOrCreate_DamagedFile_IsReplaced(string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, text);

        var uid = Identity.ReadOrCreate(s_now);

        Assert.Equal(uid, Identity.ReadOrCreate(s_now));
    }
}
