using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>Readers of both messages. What a newer peer says in fields that are unknown here is dropped.</summary>
internal static class Parsers
{
    public static MessageParser<AgentToServer> FromAgent { get; } = AgentToServer.Parser.WithDiscardUnknownFields(true);

    public static MessageParser<ServerToAgent> FromServer { get; } = ServerToAgent.Parser.WithDiscardUnknownFields(true);
}
