namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Holds the profile in force. A request reads it once and goes by what it read to its end.</summary>
/// <param name="followers">The parts that have to follow, in the order in which they take a profile over.</param>
internal sealed class ProfileState(ProfileModel first, IEnumerable<IProfileFollower> followers)
{
    private readonly Lock _lock = new();
    private readonly IProfileFollower[] _followers = [.. followers];
    private ProfileModel _current = first;
    private ProfileRefusal? _refused;
    private ProfileRefusal? _refusedDeployment;

    public ProfileModel Current => Volatile.Read(ref _current);

    /// <summary>Why the machine's own file was refused, until it says something good; null when it was not.</summary>
    public ProfileRefusal? Refused => Volatile.Read(ref _refused);

    /// <summary>The last deployment that was refused, until one is taken over; null when there is none.</summary>
    public ProfileRefusal? RefusedDeployment => Volatile.Read(ref _refusedDeployment);

    /// <summary>Swaps to what the machine's own file says; a deployment in force is never replaced so.</summary>
    public bool TrySwap(ProfileModel next, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_current.Deployment is not null)
            {
                return false;
            }

            var faults = Swap(next, () => { });
            Refuse(faults.Count == 0 ? null : new ProfileRefusal(now, ProfileRefusal.NeedsRestart, faults));
            return faults.Count == 0;
        }
    }

    /// <summary>Swaps to a deployment; returns what of it some part cannot take over, nothing when it is in force.</summary>
    /// <param name="commit">Puts it on the disk; when it throws, nothing was swapped.</param>
    public IReadOnlyList<string> Deploy(ProfileModel next, Action commit)
    {
        lock (_lock)
        {
            var faults = Swap(next, commit);
            if (faults.Count == 0)
            {
                Refuse(null);
                RefuseDeployment(null);
            }

            return faults;
        }
    }

    /// <summary>Remembers that the file could not be used; null, that it says what is in force.</summary>
    public void Refuse(ProfileRefusal? refusal) => Volatile.Write(ref _refused, refusal);

    /// <summary>Remembers that a deployment was not taken over.</summary>
    public void RefuseDeployment(ProfileRefusal? refusal) => Volatile.Write(ref _refusedDeployment, refusal);

    /// <summary>
    /// 1. every part judges, and one fault keeps the old one whole; 2. the disk has it; 3. what is behind the log takes it over; 4. the next
    /// request is treated by it.
    /// </summary>
    private List<string> Swap(ProfileModel next, Action commit)
    {
        var isOther = next.Settings.ProfileHash != _current.Settings.ProfileHash;
        var faults = isOther ? _followers.SelectMany(f => f.FaultsOf(_current.Settings, next.Settings)).ToList() : [];
        if (faults.Count > 0)
        {
            return faults;
        }

        commit();
        foreach (var follower in isOther ? _followers : [])
        {
            follower.Apply(next.Settings);
        }

        Volatile.Write(ref _current, next);
        return faults;
    }
}

/// <summary>Why a profile was not taken over.</summary>
/// <param name="Reason">One of the words of this class, or a <see cref="Profiles.Signing.DeploymentRefusal"/> in lower case with <c>_</c>.</param>
internal sealed record ProfileRefusal(DateTimeOffset At, string Reason, IReadOnlyList<string> Faults)
{
    /// <summary>It is no good profile, or none for this gateway.</summary>
    public const string InvalidProfile = "invalid_profile";

    /// <summary>It changes what cannot change while the gateway runs.</summary>
    public const string NeedsRestart = "needs_restart";

    /// <summary>It could not be written to this gateway's disk.</summary>
    public const string NotStored = "not_stored";

    /// <summary>The last good deployment on this gateway's disk is damaged.</summary>
    public const string Damaged = "damaged";
}
