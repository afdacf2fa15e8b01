using System.Globalization;
using System.Reflection;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Tests.TestServices;

/// <summary>Makes a value of any contract with every member set, no two alike, none at its default: what gets lost on the way shows.</summary>
internal sealed class Sample
{
    private int _next;

    public object Of(Type type)
    {
        _next++;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying);
        }

        if (type == typeof(string))
        {
            return string.Create(CultureInfo.InvariantCulture, $"text \"{_next}\" <é漢😀>");
        }

        if (type == typeof(TenantId))
        {
            return TenantId.Parse(string.Create(CultureInfo.InvariantCulture, $"tenant-{_next}"));
        }

        if (type == typeof(DateTimeOffset))
        {
            return new DateTimeOffset(2026, 3, 1, 10, 30, 0, TimeSpan.Zero).AddTicks(_next * 1_234_567L);
        }

        if (type == typeof(DateOnly))
        {
            return new DateOnly(2026, 3, 1).AddDays(_next);
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        }

        if (type.IsPrimitive)
        {
            // The largest number that a double cannot hold, for those who read it as one.
            return type == typeof(long) ? 9_007_199_254_740_993L + _next : Convert.ChangeType(_next + (type == typeof(double) ? 0.1 : 0), type, CultureInfo.InvariantCulture);
        }

        return type.IsGenericType && type.Namespace == "System.Collections.Generic" ? Collection(type) : Record(type);
    }

    private object Collection(Type type)
    {
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 2)
        {
            var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
            dictionary.Add(Of(arguments[0]), Of(arguments[1]));
            dictionary.Add(arguments[0].IsEnum ? Enum.GetValues(arguments[0]).GetValue(0)! : Of(arguments[0]), Of(arguments[1]));
            return dictionary;
        }

        var array = Array.CreateInstance(arguments[0], 2);
        array.SetValue(Of(arguments[0]), 0);
        array.SetValue(Of(arguments[0]), 1);
        return array;
    }

    private object Record(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).OrderByDescending(c => c.GetParameters().Length).First();
        return constructor.Invoke([.. constructor.GetParameters().Select(p => Of(p.ParameterType))]);
    }
}
