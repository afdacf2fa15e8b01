using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// <c>fdatasync</c>: unlike the runtime's flush (<c>fsync</c>) it does not journal the changed time of a preallocated file, which is what
/// makes group commit cheap.
/// </summary>
internal static class DataSync
{
    private const int Interrupted = 4;

    public static void Flush(SafeFileHandle file)
    {
        while (FDataSync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new IOException($"fdatasync failed: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int FDataSync(SafeFileHandle file);
}
