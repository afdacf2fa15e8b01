using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>One running stack for the tests that leave it as it was; each brings tenants of its own. Tests that kill things start theirs.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    private StackProcess? _process;
    private RunningStack? _stack;

    /// <summary>The stack, used from outside.</summary>
    public RunningStack Stack => _stack ?? throw new InvalidOperationException("the stack is not started yet");

    /// <summary>Its AppHost.</summary>
    public StackProcess Process => _process ?? throw new InvalidOperationException("the stack is not started yet");

    public async ValueTask InitializeAsync()
    {
        _process = await StackProcess.StartAsync();
        _stack = await RunningStack.OpenAsync(_process.StateDirectory);
    }

    public async ValueTask DisposeAsync()
    {
        _stack?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    /// <summary>A tenant's name that nobody else uses.</summary>
    public static string NewTenantName(string name) => name + "-" + Guid.NewGuid().ToString("N")[..8];
}

/// <summary>Mark a class with <c>[Collection(nameof(SharedStackCollection))]</c> to use <see cref="SharedStack"/>.</summary>
[CollectionDefinition(nameof(SharedStackCollection))]
public sealed class SharedStackCollection : ICollectionFixture<SharedStack>;
