using System.Buffers.Binary;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>
/// One HTTP/2 connection, as little of the protocol as sending and hearing answers needs: settings, flow control, ping, goaway. One thread
/// sends; one thread (the same, or another) receives; what both need is guarded by <see cref="_lock"/>.
/// </summary>
internal sealed class Http2Link : IDisposable
{
    private const byte RstStream = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte Ack = 1;
    private const int DefaultWindow = 65_535;

    private readonly Socket _socket;
    private readonly byte[] _input = new byte[128 * 1024];
    private readonly Lock _lock = new();
    private int _from;
    private int _to;
    private long _connectionWindow = DefaultWindow;
    private long _streamWindow = DefaultWindow;
    private int _nextStream = 1;

    public Http2Link(Uri target)
    {
        _socket = Sockets.Connect(target);

        // Preface; SETTINGS: header table 0, no push; and room for answers without end.
        _socket.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        _socket.Send([0, 0, 12, Settings, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
        _socket.Send([0, 0, 4, WindowUpdate, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0, 0]);
        while (!_isReady)
        {
            Receive();
        }
    }

    /// <summary>Called for each answer, by the thread that receives.</summary>
    public Action<int, Answer> Answered { get; set; } = (_, _) => { };

    /// <summary>No more streams can be opened on it.</summary>
    public bool IsClosing => _isClosing || _nextStream > int.MaxValue - 2;

    private volatile bool _isClosing;
    private bool _isReady;

    /// <summary>The id of the next stream.</summary>
    public int NextStream() => (_nextStream += 2) - 2;

    /// <summary>Sends as much as flow control allows; calls <paramref name="wait"/> for more room.</summary>
    public void Send(PreparedRequest request, int stream, Action wait)
    {
        Http2Framing.SetStream(request, stream);
        var (frames, at, sentOfStream) = (request.Frames, 0, 0L);
        while (at < frames.Length - 1)
        {
            var (end, bytes) = (at, 0L);
            lock (_lock)
            {
                var room = Math.Min(_connectionWindow, _streamWindow - sentOfStream);
                while (end < frames.Length - 1)
                {
                    var payload = end == 0 ? 0 : frames[end + 1] - frames[end] - Http2Framing.FrameHeader;
                    if (bytes + payload > room)
                    {
                        break;
                    }

                    bytes += payload;
                    end++;
                }

                _connectionWindow -= bytes;
            }

            if (end == at)
            {
                wait();
                continue;
            }

            _socket.SendAll(request.Bytes.AsSpan(frames[at], frames[end] - frames[at]));
            sentOfStream += bytes;
            at = end;
        }
    }

    /// <summary>Waits for bytes and handles every whole frame of them.</summary>
    /// <exception cref="SocketException">The peer is gone.</exception>
    public void Receive()
    {
        if (_from > 0)
        {
            _input.AsSpan(_from, _to - _from).CopyTo(_input);
            (_from, _to) = (0, _to - _from);
        }

        var count = _socket.Receive(_input.AsSpan(_to));
        if (count == 0)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }

        _to += count;
        while (_to - _from >= Http2Framing.FrameHeader)
        {
            var head = _input.AsSpan(_from, Http2Framing.FrameHeader);
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            if (_to - _from < Http2Framing.FrameHeader + length)
            {
                return;
            }

            _from += Http2Framing.FrameHeader + length;
            Handle(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head[5..]), _input.AsSpan(_from - length, length));
        }
    }

    /// <summary>Makes a blocked <see cref="Receive"/> end.</summary>
    public void Shutdown() => _socket.Shutdown(SocketShutdown.Both);

    public void Dispose() => _socket.Dispose();

    private void Handle(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case Http2Framing.Headers when HeaderBlockReader.TryRead(payload, out var answer):
                Answered(stream, answer);
                break;
            case RstStream:
                Answered(stream, Answer.Failed);
                break;
            case Settings when (flags & Ack) == 0:
                TakeSettings(payload);
                _socket.Send([0, 0, 0, Settings, Ack, 0, 0, 0, 0]);
                _isReady = true;
                break;
            case Ping when (flags & Ack) == 0:
                _socket.Send([0, 0, 8, Ping, Ack, 0, 0, 0, 0, .. payload]);
                break;
            case GoAway:
                _isClosing = true;
                break;
            case WindowUpdate when stream == 0:
                lock (_lock)
                {
                    _connectionWindow += BinaryPrimitives.ReadInt32BigEndian(payload);
                }

                break;
        }
    }

    /// <summary>Windows of single streams are not followed: a request has to fit into the one that a stream begins with.</summary>
    private void TakeSettings(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload) == 4)
            {
                lock (_lock)
                {
                    _streamWindow = BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
                }
            }
        }
    }
}
