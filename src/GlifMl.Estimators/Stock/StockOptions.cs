using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// What a definition gives to a step of ML.NET's own. Each step has a class of its own, made from what ML.NET's method takes, with a
/// property an option, so that definitions, their schema and their documentation treat it as they do any other options.
/// </summary>
internal abstract class StockOptions : ISeededOptions, IValidatableObject, IEquatable<StockOptions>
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    /// <summary>The step.</summary>
    public StockStep Step => StepOf(GetType());

    /// <summary>The options that are not at their defaults.</summary>
    public IReadOnlyList<(string Property, object? Value)> Given =>
        [
            .. Step
                .Options.Select(o => (o.Property, Get(o.Property), o.Default))
                .Where(o => !Same(o.Item2, o.Default))
                .Select(o => (o.Property, o.Item2)),
        ];

    /// <summary>The step that a class of options belongs to.</summary>
    public static StockStep StepOf(Type type) => StockOptionTypes.StepOf(type);

    /// <inheritdoc/>
    int? ISeededOptions.Seed => _values.GetValueOrDefault(StockOption.Seed) as int?;

    /// <summary>An option's value, by its property: what it was set to, or the default.</summary>
    public object? Get(string property) =>
        _values.TryGetValue(property, out var value) ? value : Step.Options.First(o => o.Property == property).Default;

    /// <summary>An option's value, or null where the step has no such option.</summary>
    public T? Find<T>(string property)
        where T : class => Step.Options.Any(o => o.Property == property) ? Get(property) as T : null;

    /// <summary>Sets an option.</summary>
    public void Set(string property, object? value) => _values[property] = value;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from option in Step.Options
        where option.Refused is { } refused && Equals(Get(option.Property), refused.Value)
        select new ValidationResult($"expected another value, because {option.Refused!.Value.Reason}", [option.Property]);

    /// <inheritdoc/>
    ISeededOptions ISeededOptions.WithSeed(int seed)
    {
        var copy = (StockOptions)Activator.CreateInstance(GetType())!;
        foreach (var (name, value) in _values)
            copy._values.Add(name, value);
        if (Step.Options.Any(o => o.IsSeed) && copy.Get(StockOption.Seed) is null)
            copy.Set(StockOption.Seed, seed);
        return copy;
    }

    /// <inheritdoc/>
    public bool Equals(StockOptions? other) =>
        other?.GetType() == GetType() && Step.Options.All(o => Same(Get(o.Property), other.Get(o.Property)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StockOptions);

    /// <inheritdoc/>
    public override int GetHashCode() => GetType().GetHashCode();

    private static bool Same(object? a, object? b) =>
        a is IReadOnlyList<string> list && b is IReadOnlyList<string> other ? list.SequenceEqual(other) : Equals(a, b);
}

/// <summary>One option of a step of ML.NET's own.</summary>
/// <param name="Name">ML.NET's name of it: a parameter of the method, or a field of its options.</param>
/// <param name="Type">The type that a definition gives it in.</param>
/// <param name="Target">The type that ML.NET takes it in.</param>
/// <param name="Default">Its value where it is not given.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record StockOption(string Name, Type Type, Type Target, object? Default, bool IsRequired, Func<string> Meaning)
{
    /// <summary>The option that every step draws its numbers by.</summary>
    public const string Seed = "Seed";

    /// <summary>The option that every trainer which can share its work out has.</summary>
    public const string Threads = "NumberOfThreads";

    /// <summary>The classes that it chooses from, where it is an object; null for a value.</summary>
    public StockChoice? Choice { get; init; }

    /// <summary>A value that is refused, with why; null where there is none.</summary>
    public (object Value, string Reason)? Refused { get; init; }

    /// <summary>Whether it is the seed of the house's rule: null for the definition's.</summary>
    public bool IsSeed => Property == Seed && Type == typeof(int?);

    /// <summary>The property of it.</summary>
    public string Property => char.ToUpperInvariant(Name[0]) + Name[1..];

    /// <summary>What a definition gives to an option of a type; null for a type that cannot stand in one.</summary>
    public static Type? TypeOf(Type target)
    {
        var (type, isNullable) = Nullable.GetUnderlyingType(target) is { } inner ? (inner, true) : (target, false);
        if (type == typeof(string[]) || type == typeof(string))
            return type == typeof(string) ? type : typeof(IReadOnlyList<string>);
        if (type == typeof(uint) || type == typeof(short) || type == typeof(ushort) || type == typeof(byte))
            type = typeof(long);
        var fits =
            type.IsEnum
            || type == typeof(bool)
            || type == typeof(int)
            || type == typeof(long)
            || type == typeof(float)
            || type == typeof(double);
        return !fits ? null
            : isNullable ? typeof(Nullable<>).MakeGenericType(type)
            : type;
    }

    /// <summary>The value as ML.NET takes it.</summary>
    public object? Convert(object? value)
    {
        var target = Nullable.GetUnderlyingType(Target) ?? Target;
        return value is null ? null
            : Choice is { } choice ? choice.Create(value)
            : target.IsInstanceOfType(value) ? value
            : value is IEnumerable<string> texts ? texts.ToArray()
            : System.Convert.ChangeType(value, target, System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Makes the classes of options while the program runs.</summary>
internal static class StockOptionTypes
{
    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("GlifMl.StockOptions"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("GlifMl.StockOptions");

    private static readonly Lock Making = new();
    private static readonly Dictionary<Type, StockStep> Steps = [];

    /// <summary>The step that a class of options belongs to.</summary>
    public static StockStep StepOf(Type type)
    {
        lock (Making)
            return Steps[type];
    }

    /// <summary>Makes an enum.</summary>
    public static Type MakeEnum(string name, IReadOnlyList<string> choices)
    {
        lock (Making)
        {
            var type = Module.DefineEnum($"GlifMl.Stock.{name}", TypeAttributes.Public, typeof(int));
            for (var i = 0; i < choices.Count; i++)
                type.DefineLiteral(choices[i], i);
            return type.CreateType();
        }
    }

    /// <summary>Makes the class of a step's options.</summary>
    public static Type Make(StockStep step)
    {
        lock (Making)
        {
            var type = Module.DefineType(
                $"GlifMl.Stock.{step.Method}Options",
                TypeAttributes.Public | TypeAttributes.Sealed,
                typeof(StockOptions)
            );
            type.DefineDefaultConstructor(MethodAttributes.Public);
            foreach (var option in step.Options)
                Add(type, option);
            var made = type.CreateType();
            Steps.Add(made, step);
            return made;
        }
    }

    private static void Add(TypeBuilder type, StockOption option)
    {
        const MethodAttributes accessor = MethodAttributes.Public | MethodAttributes.SpecialName | MethodAttributes.HideBySig;
        var property = type.DefineProperty(option.Property, PropertyAttributes.None, option.Type, null);

        var get = type.DefineMethod("get_" + option.Property, accessor, option.Type, Type.EmptyTypes);
        var code = get.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldstr, option.Property);
        code.Emit(OpCodes.Call, typeof(StockOptions).GetMethod(nameof(StockOptions.Get))!);
        code.Emit(OpCodes.Unbox_Any, option.Type);
        code.Emit(OpCodes.Ret);
        property.SetGetMethod(get);

        var set = type.DefineMethod("set_" + option.Property, accessor, null, [option.Type]);
        code = set.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldstr, option.Property);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Box, option.Type);
        code.Emit(OpCodes.Call, typeof(StockOptions).GetMethod(nameof(StockOptions.Set))!);
        code.Emit(OpCodes.Ret);
        property.SetSetMethod(set);

        if (option.IsRequired)
            property.SetCustomAttribute(new(typeof(RequiredMemberAttribute).GetConstructor(Type.EmptyTypes)!, []));
        else if (option.Default is null && !option.Type.IsValueType)
            property.SetCustomAttribute(new(typeof(NullableAttribute).GetConstructor([typeof(byte)])!, [(byte)2]));
    }
}
