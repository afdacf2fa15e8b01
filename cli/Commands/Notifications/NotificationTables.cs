using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Notifications;

namespace StellaOps.Telemetry.Cli.Commands.Notifications;

internal static class NotificationTables
{
    public static Table Of(params IEnumerable<NotificationResponse> notifications)
    {
        var table = OutputWriter.NewTable("ID", "INCIDENT", "EVENT", "TARGET", "STATE", "ATTEMPTS", "CREATED", "REASON");
        foreach (var notification in notifications)
        {
            table.AddRow(
                notification.Id.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(notification.Incident),
                Markup.Escape(notification.Event),
                Markup.Escape(notification.Target),
                notification.State.ToString().ToLowerInvariant(),
                notification.Attempts.ToString(CultureInfo.InvariantCulture),
                OutputWriter.Time(notification.CreatedAt),
                Markup.Escape(notification.Reason ?? "-"));
        }

        return table;
    }
}
