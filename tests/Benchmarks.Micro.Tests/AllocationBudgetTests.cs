using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Benchmarks.Micro.Tests;

/// <summary>What each hot path may allocate for a record: <c>benchmarks/budgets.json</c>, whole bytes per record.</summary>
public sealed class AllocationBudgetTests : IDisposable
{
    /// <summary>Until pools are filled, buffers have their size and the sampler has traces to decide with every request.</summary>
    private const int WarmUp = 400;
    private const int Runs = 400;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-budgets-");
    private readonly HotPaths _paths;

    public AllocationBudgetTests() => _paths = new HotPaths(_folder.FullName);

    public static TheoryData<string> Names => [.. Budgets.Load().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void HotPath_AllocatesNoMoreThanItsBudget(string name)
    {
        var run = _paths.All.Single(p => p.Name == name).Run;
        Repeat(run, WarmUp);
        var perRecord = Allocated.BytesOf(() => Repeat(run, Runs)) / (double)(Runs * HotPath.Records);
        Assert.True(perRecord <= Budgets.Load()[name] + 0.05, $"{name} allocates {perRecord:0.00} bytes a record; its budget is {Budgets.Load()[name]}");
    }

    [Fact]
    public void EveryHotPath_HasABudget() => Assert.Equal(_paths.All.Select(p => p.Name).Order(), Budgets.Load().Keys.Order());

    public void Dispose()
    {
        _paths.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Repeat(Action run, int times)
    {
        for (var i = 0; i < times; i++)
        {
            run();
        }
    }
}
