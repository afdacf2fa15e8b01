using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;

namespace StellaOps.Telemetry.OpAmp.Tracking;

/// <summary>
/// Follows an agent by its messages. Pure: it keeps nothing, and whatever it needs is handed in.
/// </summary>
/// <param name="capabilities">What the server can do: bits of <see cref="ServerCapabilities"/>.</param>
/// <param name="knowsComponents">Whether the set of components of this hash is known already.</param>
public sealed class AgentTracker(ulong capabilities, Func<ByteString, bool> knowsComponents, TimeProvider time)
{
    /// <summary>Takes one message.</summary>
    /// <param name="known">The state under the message's uid; null when there is none.</param>
    /// <param name="isHeldElsewhere">Another live connection speaks for the uid (<see cref="ClaimOutcome.Held"/>).</param>
    public TrackedMessage Track(AgentState? known, AgentToServer message, bool isHeldElsewhere)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!InstanceUid.TryFrom(message.InstanceUid, out var uid))
        {
            return new TrackedMessage(null, ServerAnswers.BadRequest(message.InstanceUid, MessageRules.FaultOf(message)!), AgentParts.None, null);
        }

        var answer = new ServerToAgent { InstanceUid = message.InstanceUid, Capabilities = capabilities };
        if (isHeldElsewhere || (message.Flags & (ulong)AgentToServerFlags.RequestInstanceUid) != 0)
        {
            // Nothing is kept: under its new uid the agent is unknown, and is asked for all of its state.
            answer.AgentIdentification = new AgentIdentification { NewInstanceUid = InstanceUid.New(time.GetUtcNow()).ToByteString() };
            return new TrackedMessage(null, answer, AgentParts.None, null);
        }

        var next = Merge(known, uid, message);
        if (MissesState(known, message, next))
        {
            answer.Flags |= (ulong)ServerToAgentFlags.ReportFullState;
        }

        if (MissesComponents(message, next))
        {
            answer.Flags |= (ulong)ServerToAgentFlags.ReportAvailableComponents;
        }

        return new TrackedMessage(next, answer, ChangesOf(known, next), message.AvailableComponents is { Components.Count: > 0 } components ? components : null);
    }

    /// <summary>What is omitted stays as it was. A poll may carry nothing but the uid; it then does not count in the sequence.</summary>
    private static AgentState Merge(AgentState? known, InstanceUid uid, AgentToServer message)
    {
        var before = known ?? new AgentState(uid, message.SequenceNum);
        return before with
        {
            SequenceNum = IsBarePoll(message) ? before.SequenceNum : message.SequenceNum,
            Capabilities = message.Capabilities != 0 ? message.Capabilities : before.Capabilities,
            Description = message.AgentDescription ?? before.Description,
            Health = message.Health ?? before.Health,
            EffectiveConfig = message.EffectiveConfig ?? before.EffectiveConfig,
            RemoteConfigStatus = message.RemoteConfigStatus ?? before.RemoteConfigStatus,
            PackageStatuses = message.PackageStatuses ?? before.PackageStatuses,
            CustomCapabilities = message.CustomCapabilities ?? before.CustomCapabilities,
            ConnectionSettingsStatus = message.ConnectionSettingsStatus ?? before.ConnectionSettingsStatus,
            ComponentsHash = message.AvailableComponents?.Hash ?? before.ComponentsHash,
            IsPresent = message.AgentDisconnect is null,
        };
    }

    /// <summary>The agent is new, or a message of it was missed, and this one does not say all that it could.</summary>
    private static bool MissesState(AgentState? known, AgentToServer message, AgentState next)
    {
        if (message.AgentDisconnect is not null || (known is not null && (IsBarePoll(message) || message.SequenceNum == known.SequenceNum + 1)))
        {
            return false;
        }

        return message.AgentDescription is null
            || IsOmitted(message.Health, known?.Health, AgentCapabilities.ReportsHealth)
            || IsOmitted(message.EffectiveConfig, known?.EffectiveConfig, AgentCapabilities.ReportsEffectiveConfig)
            || IsOmitted(message.RemoteConfigStatus, known?.RemoteConfigStatus, AgentCapabilities.ReportsRemoteConfig)
            || IsOmitted(message.PackageStatuses, known?.PackageStatuses, AgentCapabilities.ReportsPackageStatuses)
            || IsOmitted(message.CustomCapabilities, known?.CustomCapabilities, AgentCapabilities.Unspecified)
            || IsOmitted(message.AvailableComponents, known?.ComponentsHash is { Length: > 0 } hash ? hash : null, AgentCapabilities.ReportsAvailableComponents)
            || IsOmitted(message.ConnectionSettingsStatus, known?.ConnectionSettingsStatus, AgentCapabilities.ReportsConnectionSettingsStatus);

        bool IsOmitted(object? said, object? before, AgentCapabilities capability) => said is null && (before is not null || next.Can(capability));
    }

    private bool MissesComponents(AgentToServer message, AgentState next) =>
        message.AvailableComponents is { Components.Count: 0, Hash.Length: > 0 } announced
        && next.Can(AgentCapabilities.ReportsAvailableComponents)
        && !knowsComponents(announced.Hash);

    private static bool IsBarePoll(AgentToServer message) => message.SequenceNum == 0 && message.Equals(new AgentToServer { InstanceUid = message.InstanceUid });

    private static AgentParts ChangesOf(AgentState? known, AgentState next) =>
        Part(AgentParts.Description, known?.Description, next.Description)
        | Part(AgentParts.Capabilities, known?.Capabilities ?? 0, next.Capabilities)
        | Part(AgentParts.Health, known?.Health, next.Health)
        | Part(AgentParts.EffectiveConfig, known?.EffectiveConfig, next.EffectiveConfig)
        | Part(AgentParts.RemoteConfigStatus, known?.RemoteConfigStatus, next.RemoteConfigStatus)
        | Part(AgentParts.PackageStatuses, known?.PackageStatuses, next.PackageStatuses)
        | Part(AgentParts.CustomCapabilities, known?.CustomCapabilities, next.CustomCapabilities)
        | Part(AgentParts.AvailableComponents, known?.ComponentsHash ?? ByteString.Empty, next.ComponentsHash)
        | Part(AgentParts.ConnectionSettingsStatus, known?.ConnectionSettingsStatus, next.ConnectionSettingsStatus)
        | Part(AgentParts.Presence, known?.IsPresent, next.IsPresent);

    private static AgentParts Part(AgentParts part, object? before, object? after) => Equals(before, after) ? AgentParts.None : part;
}
