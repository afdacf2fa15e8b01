using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.Archive.Tests.Objects.S3;

/// <summary>Every request of every operation meets every fault once, and nothing is lost and nothing half-written seen.</summary>
public sealed class S3FaultTests(SharedS3 shared)
{
    private const string Small = "day/small.json";
    private const string Large = "day/large.zst";

    [Theory]
    [InlineData(S3FaultKind.SlowDown, 0)]
    [InlineData(S3FaultKind.InternalError, 0)]
    [InlineData(S3FaultKind.Reset, 0)]
    [InlineData(S3FaultKind.LoseAnswer, 0)]
    [InlineData(S3FaultKind.CutRequest, 0)]
    [InlineData(S3FaultKind.CutRequest, 100)]
    [InlineData(S3FaultKind.CutRequest, 3_000_000)]
    [InlineData(S3FaultKind.CutAnswer, 0)]
    [InlineData(S3FaultKind.CutAnswer, 100)]
    [InlineData(S3FaultKind.CutAnswer, 6_000_000)]
    [InlineData(S3FaultKind.Slow, 0)]
    public async Task EveryOperation_EachRequestStruckOnce_GivesWhatItGivesWithout(S3FaultKind kind, int at)
    {
        await using var faulted = await FaultedStore.StartAsync(shared);
        var (small, large) = (FaultedStore.Content(1, 700), FaultedStore.Content(2, (10 << 20) + 12_345));
        faulted.Proxy.StrikeEachOnce(new S3Fault(kind, at));
        using var stop = new CancellationTokenSource();
        var observer = ObserveAsync(faulted.Direct, new Dictionary<string, byte[]> { [Small] = small, [Large] = large }, stop.Token);

        await FaultedStore.PutAsync(faulted.Store, Small, small);
        await FaultedStore.PutAsync(faulted.Store, Large, large);
        Assert.Equal([new ObjectInfo(Large, large.Length), new ObjectInfo(Small, small.Length)], await FaultedStore.ListAsync(faulted.Store));
        Assert.Equal(small, await FaultedStore.ReadAsync(faulted.Store, Small));
        Assert.Equal(large, await FaultedStore.ReadAsync(faulted.Store, Large));
        Assert.True(await faulted.Store.ExistsAsync(Large, default));
        Assert.False(await faulted.Store.ExistsAsync("day/none", default));

        await stop.CancelAsync();
        Assert.True(await observer > 0);
        Assert.Equal(small, await FaultedStore.ReadAsync(faulted.Direct, Small));
        Assert.Equal(large, await FaultedStore.ReadAsync(faulted.Direct, Large));
        await faulted.Store.DeleteAsync(Small, default);
        await faulted.Store.DeleteAsync(Large, default);
        Assert.Empty(await FaultedStore.ListAsync(faulted.Direct));

        var struck = faulted.Proxy.Struck.Select(s => s.Request.Operation).ToHashSet();
        Assert.Superset(new HashSet<string> { "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListObjectsV2", "GetObject", "DeleteObject" }, struck);
        Assert.Contains(faulted.Proxy.Struck, s => s.Request.Part == 3);
    }

    [Theory]
    [InlineData(S3FaultKind.SlowDown, 0)]
    [InlineData(S3FaultKind.InternalError, 0)]
    [InlineData(S3FaultKind.LoseAnswer, 0)]
    [InlineData(S3FaultKind.CutRequest, 100)]
    [InlineData(S3FaultKind.CorruptRequest, 100)]
    public async Task PutByOneRequest_Struck_IsWholeInTheEnd(S3FaultKind kind, int at)
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => o.MultipartFromBytes = null);
        var content = FaultedStore.Content(3, 100_000);
        faulted.Proxy.StrikeEachOnce(new S3Fault(kind, at));

        await FaultedStore.PutAsync(faulted.Store, Small, content);

        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Direct, Small));
        Assert.Contains(faulted.Proxy.Struck, s => s.Request.Operation == "PutObject");
        Assert.DoesNotContain(faulted.Proxy.Seen, r => r.Operation == "UploadPart");
    }

    [Fact]
    public async Task PutInParts_AByteChangesOnTheWay_IsPutAgain()
    {
        await using var faulted = await FaultedStore.StartAsync(shared);
        var content = FaultedStore.Content(3, 6 << 20);
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CorruptRequest, 700_000), "UploadPart");

        await FaultedStore.PutAsync(faulted.Store, Large, content);

        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Direct, Large));
        Assert.Equal(2, faulted.Proxy.Struck.Count);
        Assert.Equal(4, faulted.Proxy.Seen.Count(r => r.Operation == "UploadPart"));
    }

    [Fact]
    public async Task Read_ConnectionBreaksAgainAndAgain_GoesOnWhereItBroke()
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => o.MaxAttempts = 3);
        var content = FaultedStore.Content(4, 3_000_000);
        await FaultedStore.PutAsync(faulted.Direct, Large, content);
        faulted.Proxy.Judge(r => r.Operation == "GetObject" && r.From < 2_500_000 ? new S3Fault(S3FaultKind.CutAnswer, 400_000) : null);

        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Store, Large));

        // Far more breaks than attempts: each one that brought something is followed by as many.
        Assert.True(faulted.Proxy.Struck.Count > 5, $"struck {faulted.Proxy.Struck.Count} times");
        Assert.All(faulted.Proxy.Seen.Skip(1), r => Assert.True(r.From > 0));
    }

    [Theory]
    [InlineData(206)]
    [InlineData(200)]
    public async Task Read_ServerGivesRangesUnderAnyStatus_GoesOnWhereItBroke(int status)
    {
        await using var faulted = await FaultedStore.StartAsync(shared);
        var content = FaultedStore.Content(8, 1_000_000);
        await FaultedStore.PutAsync(faulted.Direct, Large, content);
        faulted.Proxy.StatusOfRanges = status;
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CutAnswer, 400_000));

        Assert.Equal(content, await FaultedStore.ReadAsync(faulted.Store, Large));
    }

    [Fact]
    public async Task Read_ServerDoesNotSayWhichRangeItGives_FailsRatherThanGuess()
    {
        await using var faulted = await FaultedStore.StartAsync(shared);
        await FaultedStore.PutAsync(faulted.Direct, Large, FaultedStore.Content(9, 1_000_000));
        faulted.Proxy.HiddenHeaders = ["Content-Range"];
        faulted.Proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CutAnswer, 400_000));

        var e = await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.ReadAsync(faulted.Store, Large));

        Assert.Contains("the server gives no ranges", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ReplacedBeforeItGoesOn_FailsRatherThanMixTwoObjects()
    {
        await using var faulted = await FaultedStore.StartAsync(shared);
        await FaultedStore.PutAsync(faulted.Direct, Large, FaultedStore.Content(5, 2_000_000));
        var isReplaced = false;
        faulted.Proxy.Judge(r => r.Operation == "GetObject" && !Volatile.Read(ref isReplaced) ? new S3Fault(S3FaultKind.CutAnswer, 1_000_000) : null);
        await using var stream = await faulted.Store.OpenReadAsync(Large, default);

        await FaultedStore.PutAsync(faulted.Direct, Large, FaultedStore.Content(6, 2_000_000));
        Volatile.Write(ref isReplaced, true);

        await Assert.ThrowsAsync<S3StoreException>(() => stream.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Put_ServerStaysAway_FailsWithinItsAttemptsAndNamesAll()
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => o.MaxAttempts = 4);
        faulted.Proxy.Judge(_ => new S3Fault(S3FaultKind.SlowDown));

        var e = await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(faulted.Store, Small, [1]));

        Assert.Equal(4, faulted.Proxy.Seen.Count(r => r.Operation == "CreateMultipartUpload"));
        Assert.Contains("CreateMultipartUpload", e.Message, StringComparison.Ordinal);
        Assert.Contains("after 4 attempts: SlowDown", e.Message, StringComparison.Ordinal);
        Assert.Contains(Small, e.Message, StringComparison.Ordinal);
        Assert.Empty(await FaultedStore.ListAsync(faulted.Direct));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(null)]
    public async Task Put_OverAnObjectIsCutEachTime_LeavesTheOldOneWhole(int? multipartFrom)
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => (o.MaxAttempts, o.MultipartFromBytes) = (3, multipartFrom));
        var old = FaultedStore.Content(12, 100_000);
        await FaultedStore.PutAsync(faulted.Direct, Small, old);
        faulted.Proxy.Judge(r => r.Operation is "PutObject" or "UploadPart" ? new S3Fault(S3FaultKind.CutRequest, 50_000) : null);

        await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(faulted.Store, Small, FaultedStore.Content(13, 100_000)));

        Assert.Equal(3, faulted.Proxy.Struck.Count);
        Assert.Equal(old, await FaultedStore.ReadAsync(faulted.Direct, Small));
        Assert.Equal([new ObjectInfo(Small, old.Length)], await FaultedStore.ListAsync(faulted.Direct));
    }

    [Fact]
    public async Task Put_FailsInTheMiddle_AbortsItsUpload()
    {
        await using var faulted = await FaultedStore.StartAsync(shared, o => o.MaxAttempts = 2);
        faulted.Proxy.Judge(r => r.Part == 2 ? new S3Fault(S3FaultKind.Reset) : null);

        await Assert.ThrowsAsync<S3StoreException>(() => FaultedStore.PutAsync(faulted.Store, Large, FaultedStore.Content(7, 11 << 20)));

        Assert.Contains(faulted.Proxy.Seen, r => r.Operation == "AbortMultipartUpload");
        Assert.Empty(await FaultedStore.ListAsync(faulted.Direct));
    }

    /// <summary>Reads whatever can be opened until it is stopped: all of it has to be whole. Returns how many readings were.</summary>
    private static async Task<int> ObserveAsync(IObjectStore store, Dictionary<string, byte[]> whole, CancellationToken stop)
    {
        var readings = 0;
        while (!stop.IsCancellationRequested)
        {
            foreach (var (key, content) in whole)
            {
                try
                {
                    Assert.Equal(content, await FaultedStore.ReadAsync(store, key));
                    readings++;
                }
                catch (ObjectNotFoundException)
                {
                    // Not yet.
                }
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return readings;
    }
}
