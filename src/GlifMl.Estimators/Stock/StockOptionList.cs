using System.Reflection;

namespace GlifMl.Estimators;

/// <summary>The options of ML.NET's methods that a definition can give: parameters, or fields of a class of options.</summary>
internal static class StockOptionList
{
    /// <summary>ML.NET's names of the columns that a method reads and adds.</summary>
    public const string Output = "outputColumnName",
        Input = "inputColumnName",
        Inputs = "inputColumnNames",
        Label = "labelColumnName",
        Columns = "columnNames";

    /// <summary>What is said of the columns of trees' features beside the trees: the target that they grow for, and the columns.</summary>
    public static IReadOnlyList<StockOption> TreeColumns { get; } =
    [
        Text("LabelColumnName", "Target that the trees grow for. Default: the first."),
        Text("TreesColumnName", "Column of each tree's value. Default: none."),
        Text("LeavesColumnName", "Column of 1 for each leaf that is reached, else 0. Default: one of its own, where no column is named."),
        Text("PathsColumnName", "Column of 1 for each inner node on the way to such a leaf, else 0. Default: none."),
    ];

    // A chain of ours gives all rows the same weight.
    private const string Weight = "exampleWeightColumnName";

    private const string Categories = "Microsoft.ML.OnnxConverter writes splits on categories wrongly";

    /// <summary>The options of a method, of all its overloads.</summary>
    /// <param name="overloads">The overloads, shortest first.</param>
    public static IReadOnlyList<StockOption> Of(IReadOnlyList<MethodInfo> overloads) =>
        [
            .. overloads
                .SelectMany(m => m.GetParameters().Skip(1))
                .Where(p => p.Name != Weight)
                .DistinctBy(p => p.Name)
                .Select(Of)
                .OfType<StockOption>(),
        ];

    /// <summary>The options of a class: those of its own before those it inherits, values before objects.</summary>
    public static IReadOnlyList<StockOption> Of(Type optionsType)
    {
        var defaults = Activator.CreateInstance(optionsType)!;
        return
        [
            .. Levels(optionsType)
                .SelectMany(level => level.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(field => !field.IsInitOnly && !field.Name.EndsWith("ColumnName", StringComparison.Ordinal))
                .DistinctBy(field => field.Name)
                .Select(field => Of(field, defaults))
                .OfType<StockOption>(),
            .. optionsType.GetProperties().Where(p => p.CanRead).Select(property => Of(property, defaults)).OfType<StockOption>(),
        ];
    }

    /// <summary>Sets an option of a class of options.</summary>
    public static void Set(object settings, string option, object? value)
    {
        if (settings.GetType().GetField(option) is { } field)
            field.SetValue(settings, value);
        else
            settings.GetType().GetProperty(option)!.SetValue(settings, value);
    }

    /// <summary>Whether a method's parameter can be left to its default, or given by a definition or by the chain.</summary>
    public static bool Fits(ParameterInfo parameter) =>
        parameter.Name is Output or Input or Inputs or Label
        || parameter.HasDefaultValue
        || StockOption.TypeOf(parameter.ParameterType) is not null;

    private static IEnumerable<Type> Levels(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType!)
            yield return level;
    }

    private static StockOption? Of(ParameterInfo parameter) =>
        parameter.Name switch
        {
            Output => Column(parameter, "Column that it adds, for the steps that follow. Default: a name of its own."),
            Input => Column(parameter, "Column that it reads. Default: what the step before gives."),
            Label => Column(parameter, "Target that it is fitted to. Default: the first."),
            Inputs => new(
                parameter.Name,
                typeof(IReadOnlyList<string>),
                typeof(string[]),
                null,
                IsRequired: false,
                () => "Columns that it reads, in this order. Default: what the step before gives, alone."
            ),
            _ when StockOption.TypeOf(parameter.ParameterType) is { } type => Option(
                parameter.Name!,
                type,
                parameter.ParameterType,
                parameter.HasDefaultValue ? parameter.DefaultValue : null,
                isRequired: !parameter.HasDefaultValue,
                () => StockDocumentation.Of(parameter)
            ),
            _ => null,
        };

    private static StockOption Column(ParameterInfo parameter, string meaning) => Text(parameter.Name!, meaning);

    private static StockOption Text(string name, string meaning) =>
        new(name, typeof(string), typeof(string), null, IsRequired: false, () => meaning);

    private static StockOption? Of(PropertyInfo property, object defaults)
    {
        var value = property.GetValue(defaults);
        return StockChoice.Of(property, value) is not { } choice
            ? null
            : new(
                property.Name,
                value is null ? typeof(Nullable<>).MakeGenericType(choice.Choices) : choice.Choices,
                property.PropertyType,
                choice.Value(value),
                IsRequired: false,
                () => StockDocumentation.Of(property) + " ML.NET's own defaults hold for what is chosen."
            )
            {
                Choice = choice,
            };
    }

    private static StockOption? Of(FieldInfo field, object defaults) =>
        StockOption.TypeOf(field.FieldType) is { } type
            ? Option(field.Name, type, field.FieldType, field.GetValue(defaults), isRequired: false, () => StockDocumentation.Of(field))
            : null;

    private static StockOption Option(string name, Type type, Type target, object? value, bool isRequired, Func<string> meaning)
    {
        if (name.Equals(StockOption.Seed, StringComparison.OrdinalIgnoreCase) && (target == typeof(int) || target == typeof(int?)))
            return new(name, typeof(int?), target, null, IsRequired: false, () => meaning() + " Default: the definition's seed.");
        if (name == StockOption.Threads)
            return new(name, type, target, 1, IsRequired: false, meaning);
        // What one overload asks for and another does without is not required.
        if (isRequired && type.IsValueType)
            (type, isRequired) = (typeof(Nullable<>).MakeGenericType(type), false);
        var isNullable = Nullable.GetUnderlyingType(type) is not null;
        if (value is not null && !isNullable && !type.IsInstanceOfType(value))
            value = Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture);
        // The runtime gives an enum's default as the number that it is.
        if (value is not null && (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } choices)
            value = Enum.ToObject(choices, value);
        return new(name, type, target, value, isRequired, meaning)
        {
            Refused = name is "CategoricalSplit" or "UseCategoricalSplit" ? (true, Categories) : null,
        };
    }
}
