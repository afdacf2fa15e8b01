using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>What came of loading: a profile when there is no fault, else every fault that one pass finds.</summary>
public sealed record ProfileLoadResult(Profile? Profile, IReadOnlyList<ProfileFault> Faults)
{
    /// <summary>Whether the profile may be used.</summary>
    [MemberNotNullWhen(true, nameof(Profile))]
    public bool IsValid => Profile is not null;
}

/// <summary>Reads and judges a profile that stands by itself; its redaction policy is not looked at. <see cref="ProfileResolver"/> does the whole.</summary>
public static class ProfileLoader
{
    /// <summary>The longest document, in characters.</summary>
    public const int MaxLength = DocumentParser.MaxLength;

    /// <summary>Loads one document.</summary>
    /// <param name="file">How faults name the document.</param>
    public static ProfileLoadResult Load(TextReader text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var faults = new FaultList();
        var part = ProfilePart.Read(new ProfileDocument(file, ReadBounded(text)), Model.Profile.Kind, null, faults);
        if (part?.ExtendsPlace is { } extends)
        {
            faults.Add(extends, "extends", "names a parent, and only this document is read", "resolve the profile with its folder, or write out what it inherits");
        }
        else if (part is not null)
        {
            var profile = ProfileJudge.Judge(part, part.Spec, [part.Name], faults);
            return new ProfileLoadResult(faults.IsEmpty ? profile : null, faults.InOrder(file));
        }

        return new ProfileLoadResult(null, faults.InOrder(file));
    }

    /// <summary>At most one character more than is lawful, so that what is too long is seen and not held.</summary>
    public static string ReadBounded(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var buffer = new char[MaxLength + 1];
        return new string(buffer, 0, text.ReadBlock(buffer, 0, buffer.Length));
    }
}
