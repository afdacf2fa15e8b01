using System.Security.Cryptography;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Fetches a bundle's files; each appears whole and as announced, or not at all.</summary>
internal sealed class CaptureDownload(CaptureClient client)
{
    public async Task FetchAsync(CaptureResponse job, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in job.Files)
        {
            // The service names the files: only a plain name may become part of a path here.
            if (file.Name.Length == 0 || file.Name != Path.GetFileName(file.Name) || file.Name[0] == '.')
            {
                throw new CliException(CliExitCodes.Failed, $"the service names a file '{file.Name}', which is no plain file name");
            }

            await FetchAsync(job.Id, file, Path.Combine(folder, file.Name), cancellationToken);
        }
    }

    private async Task FetchAsync(string id, CaptureFile file, string path, CancellationToken cancellationToken)
    {
        var partial = path + ".partial";
        await using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite))
        {
            await client.DownloadFileAsync(id, file.Name, stream, cancellationToken);
            stream.Position = 0;
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            if (hash != file.Sha256)
            {
                throw new CliException(CliExitCodes.VerificationFailed, $"'{file.Name}' arrived with sha256 {hash}, not {file.Sha256}", "capture again");
            }
        }

        if (path.EndsWith(".sh", StringComparison.Ordinal))
        {
            File.SetUnixFileMode(partial, File.GetUnixFileMode(partial) | UnixFileMode.UserExecute);
        }

        File.Move(partial, path, overwrite: true);
    }
}
