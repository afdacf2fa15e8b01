using System.Runtime.InteropServices;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>Which file is written next, and whose bytes are in the log. All under the log's lock.</summary>
internal sealed partial class BatchLog
{
    private readonly LogFolder _folder;
    private readonly Dictionary<TenantId, long> _tenantBytes = [];
    private readonly List<IRetentionHolder> _holders = [];
    private readonly List<LogFile> _free;
    private LogFile? _tailFile;
    private PreparedFile? _prepared;
    private long _fileBytes;

    public long FileBytes => Interlocked.Read(ref _fileBytes);

    /// <summary>Adds somebody whose need is respected from now on.</summary>
    public void AddHolder(IRetentionHolder holder)
    {
        lock (_appendLock)
        {
            _holders.Add(holder);
        }
    }

    /// <summary>Removes somebody who needs nothing any more.</summary>
    public void RemoveHolder(IRetentionHolder holder)
    {
        lock (_appendLock)
        {
            _holders.Remove(holder);
        }
    }

    /// <summary>
    /// The oldest file that this holder alone keeps from reuse, when fewer than <paramref name="ahead"/> files could be begun without it.
    /// </summary>
    public bool TryFindHeld(IRetentionHolder holder, int ahead, out ulong first, out ulong last)
    {
        (first, last) = (0, 0);
        lock (_appendLock)
        {
            var available = ((_recorder.MaxBytes - _fileBytes) / _recorder.FileBytes) + _free.Count + (_prepared is null ? 0 : 1);
            foreach (var file in _files)
            {
                if (available >= ahead || file == _tailFile || file.NextSequence - 1 > VisibleSequence)
                {
                    return false;
                }

                var isReusable = true;
                foreach (var other in _holders)
                {
                    isReusable &= other.NeededFrom >= file.NextSequence;
                    if (!isReusable && other != holder)
                    {
                        return false;
                    }
                }

                if (!isReusable)
                {
                    (first, last) = (file.FirstSequence, file.NextSequence - 1);
                    return true;
                }

                available++;
            }
        }

        return false;
    }

    private bool IsShareExceeded(TenantId tenant, long length, long now)
    {
        var limit = _recorder.TenantShare * _recorder.MaxBytes;
        if (_tenantBytes.GetValueOrDefault(tenant) + length <= limit)
        {
            return false;
        }

        // What is out of the window, or the tenant's alone, shortens nobody's look-back.
        var oldest = now - (_recorder.MaxAge.Ticks * 100);
        while (_tenantBytes.GetValueOrDefault(tenant) + length > limit && Oldest() is { } file && IsReusable(file)
            && (LastAcceptedAt(file) < oldest || (file.TenantBytes.Count == 1 && file.TenantBytes.ContainsKey(tenant))))
        {
            Release(file);
        }

        return _tenantBytes.GetValueOrDefault(tenant) + length > limit;
    }

    private bool TryBeginFile(int frameLength, long now)
    {
        var wanted = Math.Max(_recorder.FileBytes, LogFormat.FileHeaderLength + frameLength);
        Shrink(wanted);
        if (!HasFree(wanted) && (IsOldestAged(now) || !HasRoom(wanted)))
        {
            var isMade = false;
            while (!isMade && !HasFree(wanted) && Oldest() is { } file && IsReusable(file))
            {
                Release(file);

                // Of a profile with smaller files: its room is what is wanted.
                isMade = file.Capacity < wanted && TryDelete(_free.Count - 1) && HasRoom(wanted);
            }
        }

        if (!TryTake(wanted, out var taken))
        {
            return false;
        }

        var begun = LogFolder.Begin(taken, _nextSequence, Math.Max(64, _tailFile?.Count ?? 0));
        if (_tailFile is not null && _durability == Durability.Fsync)
        {
            _unsynced.Add(_tailFile);
        }

        _tailFile = begun;
        Publish([.. _files, begun]);
        Prepare(now);
        return true;
    }

    /// <summary>After a change of the profile: gives back what is above smaller bounds, and files too small to be of use.</summary>
    private void Shrink(int wanted)
    {
        while (_fileBytes > _recorder.MaxBytes && (_free.Count > 0 || (Oldest() is { } oldest && IsReusable(oldest))))
        {
            if (_free.Count == 0)
            {
                Release(_files[0]);
            }

            if (!TryDelete(_free.Count - 1))
            {
                return;
            }
        }

        for (var i = _free.Count - 1; i >= 0 && !HasRoom(wanted); i--)
        {
            if (_free[i].Capacity < wanted)
            {
                TryDelete(i);
            }
        }
    }

    private bool TryDelete(int index)
    {
        var file = _free[index];
        if (!IsUnread(file))
        {
            return false;
        }

        _free.RemoveAt(index);
        file.Handle.Dispose();
        File.Delete(file.Path);
        Interlocked.Add(ref _fileBytes, -file.Capacity);
        return true;
    }

    private bool TryTake(int wanted, out LogFile taken)
    {
        for (var i = 0; i < _free.Count; i++)
        {
            if (_free[i].Capacity >= wanted && IsUnread(_free[i]))
            {
                taken = _free[i];
                _free.RemoveAt(i);
                return true;
            }
        }

        if (_prepared is { } prepared && prepared.Capacity >= wanted)
        {
            _prepared = null;
            try
            {
                taken = prepared.Take();
                return true;
            }
            catch (IOException)
            {
                Interlocked.Add(ref _fileBytes, -prepared.Capacity);
                throw;
            }
        }

        taken = null!;
        if (!HasRoom(wanted))
        {
            return false;
        }

        taken = _folder.Create(wanted);
        Interlocked.Add(ref _fileBytes, taken.Capacity);
        return true;
    }

    /// <summary>Has the file after the one just begun made while that is filled; where files are reused there is nothing to make.</summary>
    private void Prepare(long now)
    {
        if (_prepared is null && !_stopping && !HasFree(_recorder.FileBytes) && HasRoom(_recorder.FileBytes) && !(IsOldestAged(now) && IsReusable(_files[0])))
        {
            _prepared = new PreparedFile(_folder, _recorder.FileBytes, _durability == Durability.Fsync);
            Interlocked.Add(ref _fileBytes, _prepared.Capacity);
            _prepared.Start();
        }
    }

    private bool HasRoom(int bytes) => _fileBytes + bytes <= _recorder.MaxBytes;

    private bool HasFree(int bytes)
    {
        foreach (var file in _free)
        {
            if (file.Capacity >= bytes && IsUnread(file))
            {
                return true;
            }
        }

        return _prepared is { HasFailed: false } prepared && prepared.Capacity >= bytes;
    }

    private bool IsOldestAged(long now) => Oldest() is { } oldest && LastAcceptedAt(oldest) < now - (_recorder.MaxAge.Ticks * 100);

    private LogFile? Oldest() => _files.Length > 0 && _files[0] != _tailFile ? _files[0] : null;

    private static long LastAcceptedAt(LogFile file) => file[file.Count - 1].AcceptedAtUnixNano;

    private bool IsReusable(LogFile file)
    {
        var last = file.NextSequence - 1;
        if (last > VisibleSequence)
        {
            return false;
        }

        foreach (var holder in _holders)
        {
            if (holder.NeededFrom <= last)
            {
                return false;
            }
        }

        return true;
    }

    private void Release(LogFile file)
    {
        CountTenants(file, -1);
        Publish(_files[1..]);
        _free.Add(file);
    }

    private void CountTenants(LogFile file, int sign)
    {
        foreach (var (tenant, bytes) in file.TenantBytes)
        {
            AddTenantBytes(tenant, sign * bytes);
        }
    }

    private void AddTenantBytes(TenantId tenant, long bytes)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_tenantBytes, tenant, out _);
        held += bytes;
        if (held == 0)
        {
            _tenantBytes.Remove(tenant);
        }
    }
}
