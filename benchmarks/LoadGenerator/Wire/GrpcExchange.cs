using System.Net.Sockets;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>gRPC, one call after the other, by one thread.</summary>
internal sealed class GrpcExchange : IExchange
{
    private readonly Http2Link _link;
    private readonly Action _receive;
    private int _stream;
    private Answer? _answer;

    public GrpcExchange(Uri target)
    {
        _link = new Http2Link(target) { Answered = OnAnswered };
        _receive = _link.Receive;
    }

    public Answer Exchange(PreparedRequest request)
    {
        if (_link.IsClosing)
        {
            throw new SocketException((int)SocketError.Shutdown);
        }

        (_stream, _answer) = (_link.NextStream(), null);
        _link.Send(request, _stream, _receive);
        while (_answer is null)
        {
            _link.Receive();
        }

        return _answer.Value;
    }

    public void Dispose() => _link.Dispose();

    private void OnAnswered(int stream, Answer answer)
    {
        if (stream == _stream)
        {
            _answer ??= answer;
        }
    }
}
