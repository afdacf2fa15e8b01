using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>
/// Exchanges that were recorded from real runs (<c>exchanges/</c>), said again byte for byte to a server that knows nothing: it has to answer
/// as it did then.
/// </summary>
public sealed class RecordedExchangesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names() => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "exchanges"), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exchange_SaidAgain_IsAnsweredAsItWas(string name)
    {
        await using var host = await OpAmpHost.StartAsync();
        host.Server.Offer = RecordedExchange.Offer;
        var units = ExchangeFile.Read(Path.Combine(AppContext.BaseDirectory, "exchanges", name + ".txt"));
        var connections = new Dictionary<int, (Stream Stream, ExchangeReader Reader)>();

        foreach (var unit in units)
        {
            if (!connections.TryGetValue(unit.Connection, out var connection))
            {
                var stream = await host.ConnectAsync(Token);
                connections.Add(unit.Connection, connection = (stream, new ExchangeReader(stream, unit.Connection, isFromClient: false)));
            }

            if (unit.IsFromClient)
            {
                await connection.Stream.WriteAsync(unit.Bytes, Token);
                continue;
            }

            var answer = await connection.Reader.NextAsync(Token).WaitAsync(s_patience, Token);
            Assert.Equal(unit.Meaning(), answer?.Meaning());
        }

        Assert.True(units.Count(u => !u.IsFromClient) >= 3, "the recording has answers");
        foreach (var (stream, _) in connections.Values)
        {
            await stream.DisposeAsync();
        }
    }
}
