using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>
/// The last good deployment on this gateway's disk, and what it remembers of all before. The memory stands a second time in a file of its
/// own: should the deployment be damaged or taken away, an old one still does not come back.
/// </summary>
/// <param name="folder">The gateway's data.</param>
internal sealed class DeploymentStore(string folder)
{
    public const string DeploymentFile = "deployment.json";
    public const string MemoryFile = "deployment-memory.json";

    private readonly AtomicFile _deployment = new(Path.Combine(folder, DeploymentFile));
    private readonly AtomicFile _memory = new(Path.Combine(folder, MemoryFile));

    /// <summary>What is there; each damage adds its fault, and what the other file says stays.</summary>
    public StoredDeployment Read(List<string> faults)
    {
        var deployment = Read(_deployment, DeploymentFile, DeploymentJson.Default.DeploymentContent, faults);
        var memory = Read(_memory, MemoryFile, DeploymentJson.Default.DeploymentMemory, faults) ?? DeploymentMemory.None;
        if (deployment is null)
        {
            return new StoredDeployment(null, memory);
        }

        if (DeploymentPackage.TryFromFiles(deployment.Files, out var package, out var why))
        {
            return new StoredDeployment(package, Later(deployment.Memory, memory));
        }

        faults.Add($"{DeploymentFile}: {why}");
        return new StoredDeployment(null, Later(deployment.Memory, memory));
    }

    /// <summary>Returns when both would survive the death of the machine.</summary>
    /// <exception cref="IOException">The disk refused; what was there is there.</exception>
    public void Write(DeploymentPackage package, DeploymentMemory memory)
    {
        // The deployment first: should the process die between the two, it brings its own memory along.
        Write(_deployment, new DeploymentContent(package.ToFiles(), memory), DeploymentJson.Default.DeploymentContent);
        Write(_memory, memory, DeploymentJson.Default.DeploymentMemory);
    }

    private static DeploymentMemory Later(DeploymentMemory one, DeploymentMemory other)
    {
        var (later, earlier) = one.Counter >= other.Counter ? (one, other) : (other, one);
        return later with { Floors = later.Floors.Concat(earlier.Floors).GroupBy(f => f.Key).ToDictionary(f => f.Key, f => f.Max(v => v.Value)) };
    }

    private static T? Read<T>(AtomicFile file, string name, JsonTypeInfo<T> type, List<string> faults)
        where T : class
    {
        try
        {
            if (file.TryRead() is not { } bytes)
            {
                return null;
            }

            if (TryUnwrap(bytes, out var content))
            {
                return JsonSerializer.Deserialize(content, type) ?? throw new JsonException("null");
            }

            faults.Add($"{name} does not have the digest that it begins with");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            faults.Add($"{name}: {e.Message}");
        }

        return null;
    }

    private void Write<T>(AtomicFile file, T value, JsonTypeInfo<T> type)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(value, type);
        file.Write([.. Digest(content), .. content]);
        DirectorySync.Flush(folder);
    }

    private static bool TryUnwrap(byte[] bytes, [NotNullWhen(true)] out byte[]? content)
    {
        var length = Digest([]).Length;
        content = bytes.Length > length ? bytes[length..] : null;
        return content is not null && bytes.AsSpan(0, length).SequenceEqual(Digest(content));
    }

    /// <summary>The first line.</summary>
    private static byte[] Digest(byte[] content) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)) + "\n");
}

/// <summary>What a gateway finds on its disk.</summary>
/// <param name="Package">Not yet judged; null when there is none, or it is damaged.</param>
internal sealed record StoredDeployment(DeploymentPackage? Package, DeploymentMemory Memory);

internal sealed record DeploymentContent(IReadOnlyDictionary<string, byte[]> Files, DeploymentMemory Memory);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DeploymentContent))]
[JsonSerializable(typeof(DeploymentMemory))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
