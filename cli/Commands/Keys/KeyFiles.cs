using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

/// <summary>A key's files in a folder: <c>NAME.key</c>, <c>NAME.pub</c> where there is one, and the password beside them.</summary>
internal sealed class KeyFiles(string folder, string name)
{
    private const string NextSuffix = ".next";

    public string Key => At(".key");

    public bool IsEncrypted => File.ReadAllText(Key).TrimStart().StartsWith("-----BEGIN ENCRYPTED ", StringComparison.Ordinal);

    private string Public => At(".pub");

    /// <summary>They have to be the trusted key's, as far as that can be seen without its password: another key of that name is not replaced by mistake.</summary>
    public void ThrowIfNotOf(string keyId)
    {
        if (!File.Exists(Key))
        {
            throw CliException.Usage($"there is no private key '{Key}'", "say where the key's files are with --out");
        }

        try
        {
            using var own = IsEncrypted ? null : SigningKey.Load(Key);
            using var key = own is null && File.Exists(Public) ? VerificationKey.FromPem(File.ReadAllText(Public)) : null;
            if ((own?.KeyId ?? key?.KeyId) is { } found && found != keyId)
            {
                throw new CliException(CliExitCodes.Failed, $"'{Key}' is the key {found}, the trust file's is {keyId}", "name the folder of the trusted key with --out");
            }
        }
        catch (CryptographicException e)
        {
            throw new CliException(CliExitCodes.Failed, $"'{Public}': {e.Message}", "mend or remove it", e);
        }
    }

    /// <summary>Writes the new key beside the old one.</summary>
    /// <param name="password">Null where the old key is in the clear too.</param>
    public void Prepare(SigningKey key, string? password)
    {
        File.Delete(Key + NextSuffix);
        if (password is null)
        {
            key.Save(Key + NextSuffix);
        }
        else
        {
            using var file = new FileStream(Key + NextSuffix, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            using var writer = new StreamWriter(file);
            writer.Write(CosignKey.Write(key, password));
        }

        File.WriteAllText(Public + NextSuffix, key.Public.ToPem() + "\n");
    }

    /// <summary>Puts the new files in place; the old ones stay under another name.</summary>
    public void Swap(string oldName)
    {
        foreach (var suffix in new[] { ".key", ".pub" })
        {
            if (File.Exists(At(suffix)))
            {
                // A second name first: there is a key of the first name at every moment.
                File.Copy(At(suffix), Path.Combine(folder, oldName + suffix), overwrite: false);
            }

            File.Move(At(suffix) + NextSuffix, At(suffix), overwrite: true);
        }

        if (File.Exists(At(".password")))
        {
            File.Copy(At(".password"), Path.Combine(folder, oldName + ".password"), overwrite: false);
        }
    }

    private string At(string suffix) => Path.Combine(folder, name + suffix);
}
