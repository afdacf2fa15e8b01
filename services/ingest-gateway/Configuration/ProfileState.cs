namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Holds the profile in force. A request reads it once and goes by what it read to its end.</summary>
/// <param name="followers">The parts that have to follow, in the order in which they take a profile over.</param>
internal sealed class ProfileState(ProfileModel first, IEnumerable<IProfileFollower> followers)
{
    private readonly Lock _lock = new();
    private readonly IProfileFollower[] _followers = [.. followers];
    private ProfileModel _current = first;
    private ProfileRefusal? _refused;

    public ProfileModel Current => Volatile.Read(ref _current);

    /// <summary>The last profile that was refused, until a good one comes; null when there is none.</summary>
    public ProfileRefusal? Refused => Volatile.Read(ref _refused);

    /// <summary>
    /// Swaps the profile: 1. every part judges, and one fault keeps the old one whole; 2. what is behind the log takes it over; 3. the next
    /// request is treated by it.
    /// </summary>
    public bool TrySwap(ProfileModel next, DateTimeOffset now)
    {
        lock (_lock)
        {
            var faults = _followers.SelectMany(f => f.FaultsOf(_current.Settings, next.Settings)).ToList();
            if (faults.Count > 0)
            {
                Refuse(faults, now);
                return false;
            }

            foreach (var follower in _followers)
            {
                follower.Apply(next.Settings);
            }

            Volatile.Write(ref _current, next);
            Volatile.Write(ref _refused, null);
            return true;
        }
    }

    /// <summary>Remembers that a profile could not be used; an empty list, that the files say again what is in force.</summary>
    public void Refuse(IReadOnlyList<string> faults, DateTimeOffset now) => Volatile.Write(ref _refused, faults.Count == 0 ? null : new ProfileRefusal(now, faults));
}

/// <summary>Why a profile was not taken over.</summary>
internal sealed record ProfileRefusal(DateTimeOffset At, IReadOnlyList<string> Faults);
