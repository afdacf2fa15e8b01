using FsCheck;
using FsCheck.Fluent;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

/// <summary>Random sequences of operations on several incidents at once, against a simple model of them and two of gateways: one hears everything, one loses messages.</summary>
public sealed class IncidentModelTests
{
    private const int Ttl = 20;
    private const int Cooldown = 10;

    private static readonly Gen<Step> s_step =
        from operation in Gen.Elements("start", "activate", "stop", "stop-now", "extend", "replace", "tick", "tick", "throttle")
        from incident in Gen.Choose(0, 3)
        from wait in Gen.Frequency((4, Gen.Choose(0, 3)), (2, Gen.Choose(4, 25)), (1, Gen.Choose(26, 80)))
        from rate in Gen.Elements(0, 0.25, 1)
        from isLost in Gen.Elements(false, false, true)
        select new Step(operation, incident, wait, rate, isLost);

    private static readonly Arbitrary<List<Step>> s_steps = Arb.From(
        s_step.ListOf().Select(s => s.ToList()),
        steps => Enumerable.Range(0, steps.Count).Select(left => steps.Where((_, i) => i != left).ToList()));

    [Fact]
    public void AnyOperations_MachineModelAndGateways_AgreeAndEverythingReverts() =>
        Prop.ForAll(s_steps, steps =>
        {
            var world = new World();
            foreach (var step in steps)
            {
                world.Do(step);
            }

            world.LetTimePass();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(60));

    private sealed record Step(string Operation, int Incident, int Wait, double Rate, bool IsLost);

    /// <summary>The incident service as it is, and what should be true of it.</summary>
    private sealed class World
    {
        private readonly List<(Incident Real, Model Model)> _incidents = [];
        private readonly GatewayModel _all = new();
        private readonly GatewayModel _some = new();
        private double _now;

        public void Do(Step step)
        {
            _now += step.Wait;
            if (step.Operation == "start")
            {
                Start(step);
            }
            else if (_incidents.Count > 0)
            {
                Change(step, step.Incident % _incidents.Count);
            }

            Check();
        }

        /// <summary>Longer than anything that was asked, without one message: gateways are on their own, and the clock then finds it all.</summary>
        public void LetTimePass()
        {
            _now += Ttl + Cooldown + 1;
            Assert.Equal(0, _all.RateAt(_now));
            Assert.Equal(0, _some.RateAt(_now));
            for (var i = 0; i < _incidents.Count; i++)
            {
                Change(new Step("tick", i, 0, 0, false), i);
                Assert.False(_incidents[i].Real.IsOpen);
                var end = _incidents[i].Real;
                Change(new Step("extend", i, 0, 0, false), i);
                Assert.Same(end, _incidents[i].Real);
            }
        }

        private void Start(Step step)
        {
            var incident = Incidents.Start(Ttl, Cooldown, $"inc-{_incidents.Count}", at: _now);
            _incidents.Add((incident, new Model(_now)));
        }

        private void Change(Step step, int index)
        {
            var (real, model) = _incidents[index];
            var now = Incidents.At(_now);
            var next = step.Operation switch
            {
                "activate" => IncidentMachine.Activate(real, now),
                "stop" => IncidentMachine.Stop(real, skipCooldown: false, now),
                "stop-now" => IncidentMachine.Stop(real, skipCooldown: true, now),
                "extend" => IncidentMachine.Extend(real, Ttl, now),
                "replace" => IncidentMachine.Supersede(real, "other", now),
                "throttle" => IncidentMachine.Throttle(real, step.Rate),
                _ => real,
            };
            Tell(real, next, step);
            for (var ticked = IncidentMachine.Tick(next, now); ticked.Version != next.Version; ticked = IncidentMachine.Tick(next, now))
            {
                Tell(next, ticked, step);
                next = ticked;
            }

            model.Do(step, _now);
            _incidents[index] = (next, model);
        }

        private void Tell(Incident before, Incident after, Step step)
        {
            if (after.Version == before.Version)
            {
                Assert.Same(before, after);
                return;
            }

            Assert.Equal(before.Version + 1, after.Version);
            Assert.True(before.IsOpen);
            if (after.State != IncidentState.Requested)
            {
                _all.Hear(after.ToMessage());
                if (!step.IsLost)
                {
                    _some.Hear(after.ToMessage());
                }
            }
        }

        private void Check()
        {
            foreach (var (real, model) in _incidents)
            {
                Assert.Equal(model.State, real.State);
                Assert.Equal(model.ExpiresAt, (real.ExpiresAt - Incidents.At(0)).TotalSeconds);
                Assert.True(real.EffectiveRate == 0 || real.AnnouncedUntil >= real.ExpiresAt || real.State is IncidentState.Requested);
            }

            // Who heard everything keeps just what the highest open incident asks; composition unwinds as they end.
            Assert.Equal(_incidents.Select(i => i.Model.RateAt(_now)).DefaultIfEmpty(0).Max(), _all.RateAt(_now));
        }
    }

    /// <summary>What people expect of one incident, told in three numbers.</summary>
    private sealed class Model(double start)
    {
        private double _activeUntil = start + Ttl;
        private double _rate = 1;
        private bool _isStopped;

        public IncidentState State { get; private set; } = IncidentState.Requested;

        public double ExpiresAt { get; private set; } = start + Ttl + Cooldown;

        private bool IsOpen => State is IncidentState.Requested or IncidentState.Active or IncidentState.CoolingDown;

        public double RateAt(double now) => State is IncidentState.Active or IncidentState.CoolingDown && now < ExpiresAt ? _rate : 0;

        public void Do(Step step, double now)
        {
            var isLate = now >= ExpiresAt;
            switch (step.Operation)
            {
                case "activate" when State == IncidentState.Requested && !isLate:
                    State = IncidentState.Active;
                    break;
                case "stop" when IsOpen && !_isStopped && !isLate:
                    End(now, now + Cooldown);
                    break;
                case "stop-now" when IsOpen && !isLate:
                case "replace" when State == IncidentState.Requested && !isLate:
                    End(now, now);
                    break;
                case "extend" when IsOpen && !isLate && (_isStopped || now + Ttl > _activeUntil):
                    (_activeUntil, ExpiresAt, _isStopped) = (now + Ttl, now + Ttl + Cooldown, false);
                    State = State == IncidentState.Requested ? State : IncidentState.Active;
                    break;
                case "replace" when State is IncidentState.Active or IncidentState.CoolingDown:
                    (State, ExpiresAt) = (IncidentState.Superseded, Math.Min(ExpiresAt, now));
                    break;
                case "throttle" when IsOpen:
                    _rate = step.Rate;
                    break;
            }

            LetTimeAct(now);
        }

        private void End(double now, double expiresAt)
        {
            (_isStopped, ExpiresAt) = (true, Math.Min(ExpiresAt, expiresAt));
            _activeUntil = Math.Min(_activeUntil, now);
            State = State == IncidentState.Requested ? State : IncidentState.CoolingDown;
        }

        private void LetTimeAct(double now)
        {
            if (!IsOpen)
            {
                return;
            }

            if (now > ExpiresAt + IncidentMachine.Grace.TotalSeconds || (State == IncidentState.Requested && now >= ExpiresAt))
            {
                State = IncidentState.Expired;
            }
            else if (State != IncidentState.Requested && now >= ExpiresAt)
            {
                State = IncidentState.Closed;
            }
            else if (State == IncidentState.Active && now >= _activeUntil)
            {
                (State, _isStopped) = (IncidentState.CoolingDown, true);
            }
        }
    }

    /// <summary>What a gateway makes of messages: the highest version counts, and <c>expiresAt</c> by its own clock.</summary>
    private sealed class GatewayModel
    {
        private readonly Dictionary<string, IncidentMessage> _known = [];

        public void Hear(IncidentMessage message)
        {
            if (!_known.TryGetValue(message.Id, out var known) || message.Version > known.Version)
            {
                _known[message.Id] = message;
            }
        }

        public double RateAt(double now) =>
            _known.Values.Where(m => !m.Tombstone && m.ExpiresAt > Incidents.At(now)).Select(m => m.SamplingRate).DefaultIfEmpty(0).Max();
    }
}
