using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;
using SmtpServer.Protocol;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>Mail, to a server that is not ours.</summary>
public sealed class SmtpTests : NotifyTest
{
    [Theory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task Mail_OverTlsWithAPassword_IsOneThreadWithStableIds(string security)
    {
        await using var server = new MailServer(tls: true, fromTheFirstByte: security == "tls");
        Folder.WriteTargets(Mail(server, security, MailServer.Password, "title: '${event}: ${reason}', text: 'See ${id} — ${tenant}'"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync(reason: "Größe\nBcc: x@y.example");
        await client.StopAsync(incident.Id);
        var all = await client.SettledAsync(incident, 2);

        Assert.All(all, n => Assert.Equal((NotificationState.Delivered, 1, "smtp"), (n.State, n.Attempts, n.Kind)));
        var (first, last) = (server.Taken.First(), server.Taken.Last());
        Assert.Equal([$"{incident.Id}-1-start@example.org", $"{incident.Id}-4-close@example.org"], server.Taken.Select(m => m.MessageId));
        Assert.All(server.Taken, m => Assert.Equal([$"{incident.Id}@example.org"], m.References));
        Assert.Equal(("started: Größe Bcc: x@y.example", "closed: Größe Bcc: x@y.example"), (first.Subject, last.Subject));
        Assert.Empty(first.Bcc);
        Assert.Equal($"See {incident.Id} — {incident.Tenant}", first.TextBody?.Trim());
        Assert.Equal(("stella@example.org", "a@example.org, b@example.org"), (first.From.ToString(), string.Join(", ", first.To.Cast<MailboxAddress>().Select(a => a.Address))));
        Assert.Equal("auto-generated", first.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal(incident.StartedAt.ToUnixTimeSeconds(), first.Date.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Password_NotTaken_IsADeadLetterThatDoesNotShowIt()
    {
        await using var server = new MailServer(tls: true);
        Folder.WriteTargets(Mail(server, "starttls", "wrong-password"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        Assert.Equal((NotificationState.Dead, 1), (dead.State, dead.Attempts));
        Assert.StartsWith("the server does not take user and password", dead.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", dead.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Taken);
    }

    [Fact]
    public async Task Certificate_OfNobodyTrusted_GetsNoMail()
    {
        await using var server = new MailServer(tls: true);
        Folder.WriteTargets(Mail(server, "starttls", MailServer.Password).Replace(", ca_file: ca.pem", "", StringComparison.Ordinal));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        Assert.Contains("certificate", dead.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Taken);
    }

    [Fact]
    public async Task StartTls_NotOffered_NothingIsSentInTheClear()
    {
        await using var server = new MailServer(tls: false);
        Folder.WriteTargets(Mail(server, "starttls", MailServer.Password));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        Assert.Matches("^given up after [0-9]+ attempts: the server does not offer STARTTLS$", dead.Reason);
        Assert.Empty(server.Taken);
    }

    [Fact]
    public async Task Server_SaysLaterThenNever_IsTriedAgainThenGivenUp()
    {
        var answers = 0;
        await using var server = new MailServer(
            tls: false, answer: () => Interlocked.Increment(ref answers) == 1 ? new SmtpResponse(SmtpReplyCode.ServiceClosingTransmissionChannel, "busy") : new SmtpResponse(SmtpReplyCode.MailboxUnavailable, "nobody here"));
        Folder.WriteTargets(Mail(server, "none", null));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        Assert.Equal((NotificationState.Dead, 2, "answered 550: nobody here"), (dead.State, dead.Attempts, dead.Reason));
    }

    [Fact]
    public async Task Server_TalksWithoutEnd_IsReadToABound()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sent = 0L;
        var talking = Task.Run(async () =>
        {
            using var peer = await listener.AcceptTcpClientAsync();
            var line = Encoding.ASCII.GetBytes($"220-{new string('x', 500)}\r\n");
            try
            {
                while (sent < 64L << 20)
                {
                    await peer.GetStream().WriteAsync(line);
                    sent += line.Length;
                }
            }
            catch (IOException)
            {
                // It was hung up on.
            }
        });
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Folder.WriteTargets(Smtp("localhost", port, "none", "").Replace("within: 2s", "within: 1ms", StringComparison.Ordinal));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));
        await talking;

        Assert.Equal("given up after 1 attempts: the server says more than a mail server has to say", dead.Reason);
        Assert.True(sent < 64L << 20);
    }

    private string Mail(MailServer server, string security, string? password, string more = "")
    {
        Folder.Write("ca.pem", server.CertificatePem);
        if (password is not null)
        {
            Folder.Write("password", password);
        }

        return Smtp("localhost", server.Port, security, (password is null ? "" : $", user: {MailServer.User}, password_file: password") + ", ca_file: ca.pem", more);
    }

    private static string Smtp(string host, int port, string security, string smtp, string more = "") =>
        $"{{ name: mail, retry: {{ first: 50ms, max: 100ms, within: 2s }}, smtp: {{ host: {host}, port: {port}, security: {security}, from: stella@example.org, to: [a@example.org, b@example.org]{smtp} }}"
        + (more.Length == 0 ? " }" : $", {more} }}");
}
