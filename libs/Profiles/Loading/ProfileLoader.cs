using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>What came of loading: a profile when there is no fault, else every fault that one pass finds.</summary>
public sealed record ProfileLoadResult(Profile? Profile, IReadOnlyList<ProfileFault> Faults)
{
    /// <summary>Whether the profile may be used.</summary>
    [MemberNotNullWhen(true, nameof(Profile))]
    public bool IsValid => Profile is not null;
}

/// <summary>Reads and judges profile documents.</summary>
public static class ProfileLoader
{
    /// <summary>The longest document, in characters.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>Loads one document.</summary>
    /// <param name="file">How faults name the document.</param>
    public static ProfileLoadResult Load(TextReader text, string file)
    {
        var faults = new FaultList(file);
        if (ReadRoot(text, faults) is not { } root)
        {
            return new ProfileLoadResult(null, faults.InOrder());
        }

        var profile = ProfileReader.Read(new YamlSection(faults, "", root));
        return new ProfileLoadResult(faults.IsEmpty ? profile : null, faults.InOrder());
    }

    private static YamlMappingNode? ReadRoot(TextReader text, FaultList faults)
    {
        var buffer = new char[MaxLength + 1];
        var length = text.ReadBlock(buffer, 0, buffer.Length);
        if (length > MaxLength)
        {
            faults.Add(1, 1, "", $"the document is longer than {MaxLength} characters", "split what does not belong into it");
            return null;
        }

        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(new string(buffer, 0, length)));
        }
        catch (YamlException e)
        {
            faults.Add((int)e.Start.Line, (int)e.Start.Column, "", $"not YAML: {e.InnerException?.Message ?? e.Message}", "mend the syntax at this place");
            return null;
        }

        if (stream.Documents.Count != 1)
        {
            faults.Add(1, 1, "", $"{stream.Documents.Count} documents", "keep exactly one profile in a file");
            return null;
        }

        if (stream.Documents[0].RootNode is YamlMappingNode root)
        {
            return root;
        }

        faults.Add(1, 1, "", "not a mapping", $"begin with 'apiVersion: {Profile.ApiVersion}'");
        return null;
    }
}
