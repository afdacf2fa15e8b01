using System.Text;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>Judges a span's trace state, <c>key=value,other=value</c> (https://www.w3.org/TR/trace-context/#tracestate-header).</summary>
internal sealed class TraceStateIndex(IReadOnlyList<Condition> conditions)
{
    /// <summary>What the specification lets a list hold at least; more is none.</summary>
    private const int MaxMembers = 32;

    private readonly (byte[] Key, Condition Condition)[] _conditions = [.. conditions.Select(c => (Encoding.UTF8.GetBytes(c.Key), c))];

    public bool IsEmpty => _conditions.Length == 0;

    public void Match(ReadOnlySpan<byte> traceState, Span<ulong> bits)
    {
        for (var members = 0; !traceState.IsEmpty && members < MaxMembers; members++)
        {
            var comma = traceState.IndexOf((byte)',');
            var member = (comma < 0 ? traceState : traceState[..comma]).Trim(" \t"u8);
            traceState = comma < 0 ? default : traceState[(comma + 1)..];
            var equals = member.IndexOf((byte)'=');
            if (equals <= 0)
            {
                continue;
            }

            foreach (var (key, condition) in _conditions)
            {
                if (member[..equals].SequenceEqual(key) && condition.Matches(member[(equals + 1)..], default))
                {
                    bits[condition.Bit >> 6] |= 1ul << condition.Bit;
                }
            }
        }
    }
}
