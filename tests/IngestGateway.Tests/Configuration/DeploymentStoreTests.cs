using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Tests.Configuration;

public sealed class DeploymentStoreTests : IDisposable
{
    private static readonly DeploymentPackage s_first = new([1], [2], [[3]], [4]);
    private static readonly DeploymentPackage s_second = new([5], [6], [], [7]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-deployments-");
    private readonly DeploymentStore _store;

    public DeploymentStoreTests() => _store = new DeploymentStore(_folder.FullName);

    [Fact]
    public void Read_NothingThere_IsNothingAndNoFault()
    {
        var (package, memory) = Read(faults: 0);

        Assert.Null(package);
        Assert.Equal(DeploymentMemory.None, memory);
    }

    [Fact]
    public void Write_ThenRead_IsTheSameForItsOwnerOnly()
    {
        _store.Write(s_first, Memory(1));
        _store.Write(s_second, Memory(2, ("p", 4)));

        var (package, memory) = Read(faults: 0);

        Assert.Equal(s_second.ToFiles(), package!.ToFiles());
        Assert.Equal((2, 4), (memory.Counter, memory.Floors["p"]));
        Assert.All(_folder.EnumerateFiles(), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, f.UnixFileMode));
    }

    [Fact]
    public void Read_DeploymentChangedOrCutAnywhere_IsAFaultAndTheMemoryStays()
    {
        _store.Write(s_first, Memory(3, ("p", 2)));
        var whole = File.ReadAllBytes(At(DeploymentStore.DeploymentFile));

        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            File.WriteAllBytes(At(DeploymentStore.DeploymentFile), i % 2 == 0 ? changed : whole[..i]);

            var (package, memory) = Read(faults: 1);

            Assert.Null(package);
            Assert.Equal((3, 2), (memory.Counter, memory.Floors["p"]));
        }
    }

    [Fact]
    public void Read_MemoryChangedOrGone_TakesTheDeploymentsOwn()
    {
        _store.Write(s_first, Memory(3));
        File.WriteAllText(At(DeploymentStore.MemoryFile), "{}");
        Assert.Equal(3, Read(faults: 1).Memory.Counter);

        File.Delete(At(DeploymentStore.MemoryFile));
        Assert.Equal(3, Read(faults: 0).Memory.Counter);
    }

    [Fact]
    public void Read_DeathBetweenTheTwoFiles_TakesTheLaterCounterAndTheHighestFloors()
    {
        _store.Write(s_first, Memory(1, ("p", 1), ("q", 9)));
        var before = File.ReadAllBytes(At(DeploymentStore.MemoryFile));
        _store.Write(s_second, Memory(2, ("p", 2)));
        File.WriteAllBytes(At(DeploymentStore.MemoryFile), before);

        var (package, memory) = Read(faults: 0);

        Assert.Equal(s_second.Closure, package!.Closure);
        Assert.Equal((2, 2, 9), (memory.Counter, memory.Floors["p"], memory.Floors["q"]));
    }

    [Fact]
    public void Read_DeathWhileTheNextWasWritten_HasTheOneBefore()
    {
        _store.Write(s_first, Memory(1));
        File.WriteAllBytes(At(DeploymentStore.DeploymentFile) + ".new", [1, 2, 3]);

        Assert.Equal(s_first.Closure, Read(faults: 0).Package!.Closure);
        _store.Write(s_second, Memory(2));
        Assert.Equal(s_second.Closure, Read(faults: 0).Package!.Closure);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static DeploymentMemory Memory(long counter, params (string Profile, long Floor)[] floors) =>
        new(counter, $"{counter}", DateTimeOffset.UnixEpoch.AddDays(counter), floors.ToDictionary(f => f.Profile, f => f.Floor));

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private StoredDeployment Read(int faults)
    {
        List<string> found = [];
        var read = _store.Read(found);
        Assert.Equal(faults, found.Count);
        return read;
    }
}
