using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Installing;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Tests.TestServices;

namespace StellaOps.Telemetry.Evidence.Tests.Kits.Installing;

public sealed class KitInstallationTests : IDisposable
{
    private static readonly SigningKey s_key = SigningKey.Create();

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Import_Empty_PutsEveryFileInForce()
    {
        var import = await ImportAsync(await KitAsync("1.0.0"));

        Assert.Equal(KitImportOutcome.Installed, import.Outcome);
        Assert.Equal("1.0.0", File.ReadAllText(Path.Combine(Site.Current, "version.txt")));
        Assert.All(TestKit.Files(), f => Assert.Equal(f.Value, File.ReadAllBytes(Path.Combine(Site.Current, f.Key))));
        Assert.True(File.GetUnixFileMode(Path.Combine(Site.Current, "bin/stella")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(Path.Combine(Site.Current, "noise.bin")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(import.Manifest.ToJson(), File.ReadAllBytes(Path.Combine(Site.Current, KitFormat.ManifestEntry)));
    }

    [Fact]
    public async Task Import_Again_ChangesNothing()
    {
        var kit = await KitAsync("1.0.0");
        var first = await ImportAsync(kit);
        var before = Directory.GetLastWriteTimeUtc(Path.Combine(Site.Current, "bin"));

        Assert.Equal(first with { Outcome = KitImportOutcome.AlreadyInForce, Before = first.Release }, await ImportAsync(kit) with { Manifest = first.Manifest, BeforeManifest = null });
        Assert.Equal(before, Directory.GetLastWriteTimeUtc(Path.Combine(Site.Current, "bin")));
        Assert.Null(Site.PreviousRelease);
    }

    [Fact]
    public async Task Import_NewerThenRollBack_GoesThereAndBack()
    {
        var one = await ImportAsync(await KitAsync("1.0.0"));
        var two = await ImportAsync(await KitAsync("1.1.0"));

        Assert.Equal((KitImportOutcome.Upgraded, one.Release), (two.Outcome, two.Before));
        Assert.Equal("1.1.0", File.ReadAllText(Path.Combine(Site.Current, "version.txt")));

        Assert.Equal((KitImportOutcome.RolledBack, one.Release), await RolledBackAsync());
        Assert.Equal("1.0.0", File.ReadAllText(Path.Combine(Site.Current, "version.txt")));
        Assert.Equal((KitImportOutcome.RolledBack, two.Release), await RolledBackAsync());
        Assert.Equal((two.Release, one.Release), (Site.CurrentRelease, Site.PreviousRelease));
    }

    [Theory]
    [InlineData("0.9.0", 0)]
    [InlineData("1.0.0-rc.1", 0)]
    [InlineData("1.0.0", -1)]
    public async Task Import_Older_IsRefusedUnlessToldOtherwise(string version, int days)
    {
        var one = await ImportAsync(await KitAsync("1.0.0"));
        var older = await KitAsync(version, TestKit.Date.AddDays(days));

        Assert.Equal(KitImportOutcome.OlderRefused, (await ImportAsync(older)).Outcome);
        Assert.Equal(one.Release, Site.CurrentRelease);
        Assert.Single(Directory.GetDirectories(Path.Combine(Site.Folder, "releases")));

        Assert.Equal(KitImportOutcome.Downgraded, (await ImportAsync(older, allowDowngrade: true)).Outcome);
        Assert.Equal(one.Release, Site.PreviousRelease);
    }

    [Fact]
    public async Task Import_ReleaseThatSomebodyChanged_MendsIt()
    {
        var kit = await KitAsync("1.0.0");
        var import = await ImportAsync(kit);
        File.WriteAllText(Path.Combine(Site.Current, "bin/stella"), "#!/bin/sh\nrm -rf /\n");
        File.Delete(Path.Combine(Site.Current, "empty"));
        Assert.Equal(["bin/stella", "empty"], await Site.DamagedAsync(import.Release, import.Manifest, default));

        Assert.Equal(KitImportOutcome.Mended, (await ImportAsync(kit)).Outcome);
        Assert.Empty(await Site.DamagedAsync(import.Release, import.Manifest, default));
        Assert.Equal([import.Release], Directory.GetDirectories(Path.Combine(Site.Folder, "releases")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Import_ArchiveChangedAfterItsSignatureWasJudged_LeavesWhatIsInForce()
    {
        var one = await ImportAsync(await KitAsync("1.0.0"));
        var delivery = await KitAsync("2.0.0");
        var signed = await new KitVerifier([s_key.Public], null, TimeProvider.System).VerifySignaturesAsync(delivery.Archive, default);
        var other = await KitAsync("3.0.0");
        File.Copy(other.Archive, delivery.Archive, overwrite: true);

        await Assert.ThrowsAsync<KitInvalidException>(() => Site.ImportAsync(signed, allowDowngrade: false, null, default));

        Assert.Equal(one.Release, Site.CurrentRelease);
        Assert.Equal([one.Release], Directory.GetDirectories(Path.Combine(Site.Folder, "releases")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Import_AfterOneThatWasKilled_RemovesWhatItLeft()
    {
        Directory.CreateDirectory(Path.Combine(Site.Folder, "releases", ".new-0123"));
        File.WriteAllText(Path.Combine(Site.Folder, "releases", ".new-0123", "half"), "");

        var import = await ImportAsync(await KitAsync("1.0.0"));

        Assert.Equal([import.Release], Directory.GetDirectories(Path.Combine(Site.Folder, "releases")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task RollBack_WithoutPreviousOrToADamagedOne_IsRefused()
    {
        var one = await ImportAsync(await KitAsync("1.0.0"));
        await Assert.ThrowsAsync<KitInvalidException>(() => Site.RollBackAsync(default));
        var two = await ImportAsync(await KitAsync("1.1.0"));
        File.Delete(Path.Combine(Site.Folder, "previous", "noise.bin"));

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => Site.RollBackAsync(default));

        Assert.Contains("noise.bin", e.Message, StringComparison.Ordinal);
        Assert.Equal((two.Release, one.Release), (Site.CurrentRelease, Site.PreviousRelease));
    }

    [Theory]
    [InlineData("1.0.0", "1.0.1", -1)]
    [InlineData("1.10.0", "1.9.0", 1)]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1", -1)]
    [InlineData("1.0.0-alpha.1", "1.0.0-alpha.beta", -1)]
    [InlineData("1.0.0-beta.2", "1.0.0-beta.11", -1)]
    [InlineData("1.0.0-rc.1", "1.0.0", -1)]
    [InlineData("1.0.0+build.2", "1.0.0+build.1", 0)]
    public void Compare_IsSemanticVersionings(string a, string b, int order)
    {
        Assert.Equal(order, Math.Sign(KitVersion.Compare(a, b)));
        Assert.Equal(-order, Math.Sign(KitVersion.Compare(b, a)));
    }

    public void Dispose() => _folder.Dispose();

    private KitInstallation Site => new(_folder.At("site"));

    private Task<KitDelivery> KitAsync(string version, DateTimeOffset? date = null) =>
        TestKit.WriteAsync(Directory.CreateDirectory(_folder.At($"{version}-{date:yyyyMMdd}")).FullName, s_key, version, date);

    private async Task<KitImport> ImportAsync(KitDelivery delivery, bool allowDowngrade = false)
    {
        var signed = await new KitVerifier([s_key.Public], null, TimeProvider.System).VerifySignaturesAsync(delivery.Archive, default);
        return await Site.ImportAsync(signed, allowDowngrade, null, default);
    }

    private async Task<(KitImportOutcome Outcome, string Release)> RolledBackAsync()
    {
        var import = await Site.RollBackAsync(default);
        return (import.Outcome, import.Release);
    }
}
