using System.Globalization;
using StackExchange.Redis;
using StellaOps.Telemetry.Tests.Shared.Processes;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Redis;

/// <summary>What speaks the Redis protocol.</summary>
public enum RedisKind
{
    /// <summary>Our embedded Garnet process (services/redis).</summary>
    Garnet,

    /// <summary>The real redis-server.</summary>
    RedisServer,
}

/// <summary>A private server on a loopback port, kept over restarts, without persistence.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly RedisKind _kind;
    private readonly int _port = FreePort.Next();
    private SupervisedProcess? _process;

    private RedisServer(RedisKind kind) => _kind = kind;

    /// <summary>What goes into <c>ConnectionStrings__redis</c>.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Starts a server.</summary>
    public static async Task<RedisServer> StartNewAsync(RedisKind kind)
    {
        var server = new RedisServer(kind);
        await server.StartAsync();
        return server;
    }

    /// <summary>Makes one that does not run yet.</summary>
    public static RedisServer CreateStopped(RedisKind kind) => new(kind);

    /// <summary>Starts it, empty, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        _process = SupervisedProcess.Start("TERM", _kind == RedisKind.Garnet
            ? ["dotnet", Repository.ServiceAssembly("StellaOps.Telemetry.Redis"), "--bind", "127.0.0.1", "--port", port]
            : [ExternalTool.Require("redis-server"), "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()]);
        await Eventually.HoldsAsync(IsUpAsync, TimeSpan.FromSeconds(60), $"{_kind} answers");
    }

    /// <summary>Kills it: everything in it is gone.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.KillAsync();
            await _process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>Of the server's process.</summary>
    public Task<int> ProcessIdAsync() => (_process ?? throw new InvalidOperationException($"{_kind} does not run")).ChildId;

    /// <summary>FLUSHALL.</summary>
    public async Task FlushAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString + ",allowAdmin=true");
        await connection.GetDatabase().ExecuteAsync("FLUSHALL");
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> IsUpAsync()
    {
        Assert.False(_process!.HasExited, $"{_kind} did not start: {_process.Output}");
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString + ",connectTimeout=500,connectRetry=1");
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }
}
