using System.Runtime.InteropServices;

namespace StellaOps.Telemetry.Evidence.Files;

/// <summary>Points a symbolic link elsewhere in one step; the BCL moves no link that leads to a folder.</summary>
internal static class LinkSwitch
{
    /// <exception cref="IOException">The system refused.</exception>
    public static void Point(string link, string target)
    {
        var next = link + ".next";
        File.Delete(next);
        File.CreateSymbolicLink(next, target);
        if (Rename(next, link) != 0)
        {
            var message = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            File.Delete(next);
            throw new IOException($"cannot put the link '{link}' in place: {message}");
        }

        DirectorySync.Flush(Path.GetDirectoryName(link)!);
    }

    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int Rename([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
