using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What happens to one request until each of its batches is taken or is a dead letter.</summary>
internal sealed partial class OtlpExporter
{
    /// <summary>The longest that a store may ask us to wait: one that asks for a day is asked again nevertheless.</summary>
    private static readonly TimeSpan s_maxServerDelay = TimeSpan.FromMinutes(5);

    private async Task DeliverAsync(OutgoingRequest request, Stops stops)
    {
        try
        {
            await DeliverAsync(request, 0, request.Parts.Count, stops);
        }
        catch (OperationCanceledException) when (stops.Waits.IsCancellationRequested)
        {
            // It is sent again from the cursor.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
        finally
        {
            request.Dispose();
            Interlocked.Decrement(ref _inFlight);
            _finished.Pulse();
        }
    }

    /// <summary>
    /// 1. sends what is left as one; 2. what is too old after a failure becomes dead letters, the rest is tried again; 3. what is too large is
    /// halved; 4. what is refused is sent batch by batch, so that one bad batch costs only itself.
    /// </summary>
    private async Task DeliverAsync(OutgoingRequest request, int from, int to, Stops stops)
    {
        var delay = _settings.Retry.InitialInterval;
        while (from < to)
        {
            var result = await AttemptAsync(request, from, to, stops);
            switch (result.Outcome)
            {
                case OtlpSendOutcome.Accepted:
                    OnAccepted(request, from, to, result);
                    return;
                case OtlpSendOutcome.TooLarge when to - from > 1:
                    var middle = from + ((to - from) / 2);
                    await DeliverAsync(request, from, middle, stops);
                    from = middle;
                    continue;
                case OtlpSendOutcome.TooLarge or OtlpSendOutcome.Rejected when to - from == 1:
                    Bury(request, from, result);
                    return;
                case OtlpSendOutcome.Rejected:
                    for (; from < to; from++)
                    {
                        await DeliverAsync(request, from, from + 1, stops);
                    }

                    return;
            }

            for (var oldest = UnixNano.Of(Time.GetUtcNow()) - (_settings.MaxElapsed.Ticks * 100); from < to && request.Parts[from].AcceptedAtUnixNano < oldest; from++)
            {
                Bury(request, from, result);
            }

            // An open breaker waits for all.
            if (from < to && _breaker.State == CircuitState.Closed)
            {
                var wait = delay * (0.5 + Random.Shared.NextDouble());
                wait = Bounded(result.RetryAfter) > wait ? Bounded(result.RetryAfter)!.Value : wait;
                Retrying(Name, result.Reason, wait);
                await Task.Delay(wait, Time, stops.Waits);
                delay = delay * 2 < _settings.Retry.MaxInterval ? delay * 2 : _settings.Retry.MaxInterval;
            }
        }
    }

    private async Task<OtlpSendResult> AttemptAsync(OutgoingRequest request, int from, int to, Stops stops)
    {
        await _breaker.EnterAsync(stops.Waits);
        OtlpSendResult result;
        try
        {
            result = await _sender.SendAsync(request.Tenant, request.Signal, request.Pieces(from, to), stops.Attempts);
        }
        catch
        {
            _breaker.GaveUp();
            throw;
        }

        if (result.Outcome == OtlpSendOutcome.Retryable)
        {
            _breaker.Failed(Bounded(result.RetryAfter));
        }
        else
        {
            _breaker.Succeeded();
        }

        if (result.Outcome != OtlpSendOutcome.Accepted)
        {
            _instruments.OnExportFailed(Name, result.Reason);
            LastError = $"{result.Reason}: {result.Message}";
        }

        return result;
    }

    private static TimeSpan? Bounded(TimeSpan? asked) => asked > s_maxServerDelay ? s_maxServerDelay : asked;

    private void OnAccepted(OutgoingRequest request, int from, int to, in OtlpSendResult result)
    {
        var (rejected, exported) = (result.RejectedRecords, 0L);
        for (var i = from; i < to; i++)
        {
            // Which of them, a partial success does not say: the first ones, for the sum has to be right.
            var part = request.Parts[i];
            var lost = Math.Min(rejected, part.Records);
            if (lost > 0)
            {
                OnDropped(_deadLetters.WritePartial(
                    part.Frame.Number, part.Sequence, request.Tenant, request.Signal, (int)lost, $"{result.Reason}: {result.Message}", Time.GetUtcNow()));
            }

            rejected -= lost;
            exported += part.Records - lost;
            _progress.Settle(part.Frame, part.Records - lost, lost);
        }

        _instruments.OnExported(Name, "exported", exported);
        if (result.RejectedRecords > 0)
        {
            _instruments.OnExported(Name, "rejected", result.RejectedRecords - rejected);
            _instruments.OnExportFailed(Name, result.Reason);
            LastError = result.Message;
        }
        else
        {
            LastError = null;
        }
    }

    /// <summary>The batch is refused for good: kept aside with the reason, and done.</summary>
    private void Bury(OutgoingRequest request, int index, in OtlpSendResult result)
    {
        var part = request.Parts[index];
        OnDropped(_deadLetters.Write(
            part.Frame.Number, part.Sequence, request.Tenant, request.Signal, part.Records, $"{result.Reason}: {result.Message}", Time.GetUtcNow(), part.Bytes.Span));
        _progress.Settle(part.Frame, 0, part.Records);
        _instruments.OnExported(Name, "dead_lettered", part.Records);
        Rejected(Name, part.Records, result.Reason);
    }

    /// <summary>Older dead letters went for newer ones.</summary>
    private void OnDropped(long records)
    {
        if (records > 0)
        {
            _instruments.OnExported(Name, "dead_letters_dropped", records);
        }
    }

    /// <summary>Ends what is on its way, and begins again at the cursor.</summary>
    private async Task AbandonAsync()
    {
        await _waits.CancelAsync();
        await Task.WhenAny(IdleAsync(), Task.Delay(s_grace, Time, CancellationToken.None));
        await _attempts.CancelAsync();
        await IdleAsync();
        foreach (var request in _open.Values.Concat(_ready))
        {
            request.Dispose();
        }

        _open.Clear();
        _byAge.Clear();
        _ready.Clear();
        _progress.Clear();
        (_waits, _attempts) = (new CancellationTokenSource(), new CancellationTokenSource());
        (_openBytes, _failure, _taken) = (0, null, Cursor.Done);
    }

    private async Task IdleAsync()
    {
        while (true)
        {
            var finished = _finished.NextAsync();
            if (Volatile.Read(ref _inFlight) == 0)
            {
                return;
            }

            await finished;
        }
    }

    /// <summary>What ends a delivery: first who waits for another attempt, for that has nothing to lose, then the attempts themselves.</summary>
    private readonly record struct Stops(CancellationToken Waits, CancellationToken Attempts);

    [LoggerMessage(PipelineEventIds.ExportRetried, LogLevel.Debug, "exporter {Exporter}: {Reason}; next attempt in {Wait}")]
    private partial void Retrying(string exporter, string reason, TimeSpan wait);

    [LoggerMessage(PipelineEventIds.ExportRejected, LogLevel.Warning, "exporter {Exporter}: {Records} records are dead letters: {Reason}")]
    private partial void Rejected(string exporter, int records, string reason);
}
