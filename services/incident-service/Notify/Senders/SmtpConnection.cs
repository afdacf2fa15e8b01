using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Senders;

/// <summary>
/// A connection to a mail server, as private as the target asks for, before the mail library sees it. TLS is made here because the library
/// judges certificates with the system's defaults, which may fetch missing ones from wherever a certificate says: past the dialer.
/// </summary>
internal static class SmtpConnection
{
    private const int MaxRead = 64 * 1024;
    private const int MaxLine = 1024;
    private const int MaxLines = 100;

    /// <exception cref="EgressDeniedException">It is not allowed.</exception>
    /// <exception cref="IOException">The server does not do what it should.</exception>
    public static async Task<Stream> OpenAsync(EgressDialer dialer, SmtpChannel channel, CancellationToken cancellationToken)
    {
        Stream stream = new NetworkStream(await dialer.ConnectAsync(channel.Host, channel.Port, cancellationToken), ownsSocket: true);
        try
        {
            if (channel.Security == SmtpSecurity.None)
            {
                return new BoundedStream(stream, default, MaxRead);
            }

            if (channel.Security == SmtpSecurity.StartTls)
            {
                await AskForTlsAsync(stream, cancellationToken);
            }

            var tls = new SslStream(stream);
            stream = tls;
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = channel.Host, CertificateChainPolicy = TrustedAuthorities.PolicyOf(channel.CaFile) }, cancellationToken);

            // The library begins with a greeting, which STARTTLS has had already.
            return new BoundedStream(tls, channel.Security == SmtpSecurity.StartTls ? "220 ready\r\n"u8.ToArray() : default, MaxRead);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// <code>
    /// S: 220 mail.example.org ESMTP   C: EHLO localhost   S: 250-mail.example.org  250-STARTTLS  250 SIZE 1000   C: STARTTLS   S: 220 go ahead
    /// </code>
    /// Byte by byte, so that nothing that was sent in the clear is taken for an answer under TLS.
    /// </summary>
    private static async Task AskForTlsAsync(Stream stream, CancellationToken cancellationToken)
    {
        await ExpectAsync(stream, "220", cancellationToken);
        await stream.WriteAsync("EHLO localhost\r\n"u8.ToArray(), cancellationToken);
        var offers = await ExpectAsync(stream, "250", cancellationToken);
        if (!offers.Skip(1).Any(o => o.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
        {
            throw new IOException("the server does not offer STARTTLS");
        }

        await stream.WriteAsync("STARTTLS\r\n"u8.ToArray(), cancellationToken);
        await ExpectAsync(stream, "220", cancellationToken);
    }

    private static async Task<List<string>> ExpectAsync(Stream stream, string code, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        while (texts.Count < MaxLines)
        {
            var line = await ReadLineAsync(stream, cancellationToken);
            if (!line.StartsWith(code, StringComparison.Ordinal) || line.Length < 4)
            {
                throw new IOException($"the server says '{line}' where {code} should be");
            }

            texts.Add(line[4..]);
            if (line[3] != '-')
            {
                return texts;
            }
        }

        throw new IOException("the server says more than a mail server has to say");
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var (line, one) = (new StringBuilder(), new byte[1]);
        while (line.Length < MaxLine)
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0)
            {
                throw new IOException("the server hung up");
            }

            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        throw new IOException("the server says a line that is too long");
    }
}
