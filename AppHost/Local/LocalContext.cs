using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>One run's folders, ports and choices: turns the plan's placeholders into values.</summary>
internal sealed class LocalContext
{
    private readonly Dictionary<string, string> _values;
    private readonly Dictionary<(string Resource, string Endpoint), int> _ports = [];

    public LocalContext(StateFolder state, string repositoryRoot, LocalOptions options, IReadOnlyList<Resource> resources, string systemKey, string gatewayId)
    {
        State = state;
        _values = new Dictionary<string, string>
        {
            ["{state}"] = state.Root,
            ["{keys}"] = state.Keys,
            ["{root}"] = repositoryRoot,
            ["{profile}"] = options.ProfileFile(repositoryRoot),
            ["{gateway-id}"] = gatewayId,
            ["{system-key}"] = systemKey,
        };
        var taken = new HashSet<int>();
        foreach (var resource in Topology.Resources)
        {
            foreach (var endpoint in resource.Endpoints)
            {
                var port = options.PortBase is { } first ? first + endpoint.PortOffset : FreePort(taken);
                if (options.PortBase is not null && resources.Contains(resource) && !IsFree(port))
                {
                    throw new LocalEngineException($"port {port} ({resource.Name} {endpoint.Name}) is taken: stop what listens there, or choose others with --port-base N or --ports random");
                }

                _ports[(resource.Name, endpoint.Name)] = port;
                _values[$"{{{resource.Name}.{endpoint.Name}}}"] = Url(resource, endpoint);
                _values[$"{{{resource.Name}.{endpoint.Name}.authority}}"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
            }
        }
    }

    public StateFolder State { get; }

    public int Port(Resource resource, string endpoint) => _ports[(resource.Name, endpoint)];

    public IReadOnlyDictionary<string, string> Urls(Resource resource) => resource.Endpoints.ToDictionary(e => e.Name, e => Url(resource, e));

    /// <summary>The environment that Aspire would give the resource.</summary>
    public Dictionary<string, string> EnvironmentOf(Resource resource)
    {
        var environment = resource.Environment.ToDictionary(v => v.Key, v => Resolve(v.Value));
        foreach (var reference in resource.References)
        {
            var other = Topology.Resources.First(r => r.Name == reference);
            switch (other.Kind)
            {
                case ResourceKind.Postgres:
                    environment[KnownEnvironment.PostgresConnection] = PostgresConnection(other, "telemetry");
                    break;
                case ResourceKind.Redis:
                    environment[KnownEnvironment.RedisConnection] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port(other, Topology.Tcp)}");
                    break;
                default:
                    foreach (var endpoint in other.Endpoints)
                    {
                        environment[$"services__{other.Name}__{endpoint.Name}__0"] = Url(other, endpoint);
                    }

                    break;
            }
        }

        BucketSettings.Give(BucketSettings.Of(Environment.GetEnvironmentVariables()), environment);
        environment[KnownEnvironment.ParentProcessId] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return environment;
    }

    /// <summary>Names the file of the password, so the string itself is no secret.</summary>
    public string PostgresConnection(Resource postgres, string database) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={Port(postgres, Topology.Tcp)};Username=telemetry;Database={database};Passfile={Path.Combine(State.Keys, "postgres.pass")}");

    private string Resolve(string value)
    {
        foreach (var (name, text) in _values)
        {
            value = value.Replace(name, text, StringComparison.Ordinal);
        }

        return value;
    }

    private string Url(Resource resource, ResourceEndpoint endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Scheme}://127.0.0.1:{_ports[(resource.Name, endpoint.Name)]}");

    /// <summary>Below the kernel's ephemeral range (32768 and up), so that no outgoing connection takes it while its process restarts.</summary>
    private static int FreePort(HashSet<int> taken)
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(15000, 32000);
            if (IsFree(port) && taken.Add(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
