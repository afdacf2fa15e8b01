using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>Reads a profile with all that it rests on, and judges the whole.</summary>
public static class ProfileResolver
{
    /// <summary>Resolves the profile of that name, with what the overlay's environment changes of it; null for no overlay.</summary>
    public static ProfileResolution Resolve(IProfileDocuments documents, string name, string? overlay)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var path = name + ".yaml";
        if (overlay is not null || documents.Read(path) is not { } text)
        {
            return Refused([], [new ProfileFault(overlay is null ? path : $"overlays/{overlay}/{path}", 1, 1, "", "there is no such document", "write it, or name another")]);
        }

        var loaded = ProfileLoader.Load(new StringReader(text), path);
        var read = new List<ProfileDocument> { new(path, text) };
        if (!loaded.IsValid || loaded.Profile.Redaction == Profile.NoRedaction)
        {
            return new ProfileResolution(loaded.Profile, "", [name], read, loaded.Faults);
        }

        var policyPath = $"redaction/{loaded.Profile.Redaction}.yaml";
        if (documents.Read(policyPath) is not { } policy)
        {
            return Refused(read, [new ProfileFault(path, 1, 1, "spec.redaction", $"there is no {policyPath}", "write it, or name another policy")]);
        }

        read.Add(new ProfileDocument(policyPath, policy));
        return new ProfileResolution(loaded.Profile, policy, [name], read, []);
    }

    private static ProfileResolution Refused(IReadOnlyList<ProfileDocument> read, IReadOnlyList<ProfileFault> faults) => new(null, "", [], read, faults);
}
