using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp;

/// <summary>
/// The hash of a set of configuration files: SHA-256 over them, ordered by name (ordinal), each as name, content type and body, each of
/// these after its length in bytes (4, big-endian). The same files give the same hash in whichever order they stand.
/// </summary>
public static class ConfigHash
{
    /// <summary>32 bytes.</summary>
    public static ByteString Of(AgentConfigMap files)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, file) in files.ConfigMap.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Append(hash, Encoding.UTF8.GetBytes(name));
            Append(hash, Encoding.UTF8.GetBytes(file.ContentType));
            Append(hash, file.Body.Span);
        }

        return ByteString.CopyFrom(hash.GetHashAndReset());
    }

    /// <summary>The offer of these files, with their hash.</summary>
    public static AgentRemoteConfig Offer(AgentConfigMap files) => new() { Config = files, ConfigHash = Of(files) };

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
