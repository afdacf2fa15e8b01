using System.Net;

namespace StellaOps.Telemetry.Egress.Tests.TestServices;

/// <summary>Knows some names, and remembers what it was asked. Another answer comes at each further question, as from whoever rebinds a name.</summary>
internal sealed class CountingResolver : IHostResolver
{
    private readonly Dictionary<string, Queue<string[]>> _answers = [];

    public List<string> Asked { get; } = [];

    public CountingResolver With(string name, params string[] addresses)
    {
        if (!_answers.TryGetValue(name, out var queue))
        {
            _answers.Add(name, queue = new Queue<string[]>());
        }

        queue.Enqueue(addresses);
        return this;
    }

    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        Asked.Add(name);
        return Task.FromResult(_answers.TryGetValue(name, out var queue) && queue.TryDequeue(out var addresses) ? Array.ConvertAll(addresses, IPAddress.Parse) : []);
    }
}
