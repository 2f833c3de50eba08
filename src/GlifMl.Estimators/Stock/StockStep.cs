using System.Reflection;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>A step of ML.NET's own that a definition can name: a method of one of MLContext's catalogues.</summary>
internal sealed class StockStep
{
    private const string Score = "Score";

    private readonly MlCatalogue _catalogue;
    private readonly IReadOnlyList<MethodInfo> _overloads;
    private readonly Type? _trainerOptions;
    private readonly Lazy<Type> _optionsType;
    private readonly Lazy<string> _summary;

    /// <summary>A step.</summary>
    /// <param name="catalogue">The catalogue that the method is of.</param>
    /// <param name="overloads">The method's overloads that a definition can call, shortest first.</param>
    /// <param name="trainerOptions">The class of options that the one overload of a trainer takes; null for a transform.</param>
    public StockStep(MlCatalogue catalogue, IReadOnlyList<MethodInfo> overloads, Type? trainerOptions)
    {
        (_catalogue, _overloads, _trainerOptions) = (catalogue, overloads, trainerOptions);
        Options = trainerOptions is null ? StockOptionList.Of(overloads) : StockOptionList.Of(trainerOptions);
        _optionsType = new(() => StockOptionTypes.Make(this));
        _summary = new(() => StockDocumentation.Of(overloads[0]));
    }

    /// <summary>ML.NET's name of the method.</summary>
    public string Method => _overloads[0].Name;

    /// <summary>The name in definitions: <c>ml.</c> and the method's in kebab case.</summary>
    public string Name => StockCatalog.NameOf(Method);

    /// <summary>Whether it learns the label; anything else changes the trace.</summary>
    public bool IsTrainer => _catalogue.LearnsLabel;

    /// <summary>Whether it is about categories: numbers of few values, and keys.</summary>
    public bool IsOfCategories =>
        _catalogue.Type == typeof(TransformsCatalog.ConversionTransforms)
        || _catalogue.Type == typeof(TransformsCatalog.CategoricalTransforms);

    /// <summary>What it does, in one sentence.</summary>
    public string Summary => _summary.Value;

    /// <summary>What its options are as a whole.</summary>
    public string About =>
        $"ML.NET's own step: {_overloads[0].DeclaringType!.Name}.{Method}, with its names and defaults"
        + (Options.Any(o => o.Property == StockOption.Threads) ? ", but for one thread, so that a run repeats to the bit." : ".");

    /// <summary>Its options.</summary>
    public IReadOnlyList<StockOption> Options { get; }

    /// <summary>The class that its options are bound to.</summary>
    public Type OptionsType => _optionsType.Value;

    /// <summary>What an option does, by its property.</summary>
    public string Meaning(string property) => Options.First(o => o.Property == property).Meaning();

    /// <summary>Makes the estimator.</summary>
    public IEstimator<ITransformer> Create(StockOptions options, StockPlace place) =>
        IsTrainer ? new StockTrainer(place, Name, (ml, label) => Trainer(ml, options, place.Seed, label, place.Input))
        : _trainerOptions is null ? Transform(options, place)
        : Trainer(place.Ml, options, place.Seed, place.Label, place.Input).Append(place.Ml.Transforms.CopyColumns(place.Output, Score));

    private IEstimator<ITransformer> Trainer(MLContext ml, StockOptions options, int seed, string label, string features)
    {
        var settings = Activator.CreateInstance(_trainerOptions!)!;
        foreach (var option in Options)
        {
            var value = option.IsSeed ? options.Get(option.Property) ?? seed : options.Get(option.Property);
            StockOptionList.Set(settings, option.Name, option.Convert(value));
        }

        StockOptionList.Set(settings, "FeatureColumnName", features);
        if (IsTrainer)
            StockOptionList.Set(settings, "LabelColumnName", label);
        return Call(_overloads[0], [_catalogue.Of(ml), settings]);
    }

    private IEstimator<ITransformer> Transform(StockOptions options, StockPlace place)
    {
        // The shortest of the overloads that take all that was given.
        var given = Options.Where(o => !Equals(options.Get(o.Property), o.Default)).Select(o => o.Name).ToArray();
        var method = _overloads.First(m => given.All(name => m.GetParameters().Any(p => p.Name == name)));
        IEstimator<ITransformer> Made(string label) =>
            Call(method, [_catalogue.Of(place.Ml), .. method.GetParameters().Skip(1).Select(p => Argument(p, options, place, label))]);
        if (method.GetParameters().All(p => p.Name != StockOptionList.Label))
            return Made("");
        var target = options.Find<string>(char.ToUpperInvariant(StockOptionList.Label[0]) + StockOptionList.Label[1..]);
        return new StockLabelledEstimator(place, target, Made);
    }

    private object? Argument(ParameterInfo parameter, StockOptions options, StockPlace place, string label) =>
        parameter.Name switch
        {
            StockOptionList.Output => place.Output,
            StockOptionList.Input => place.Input,
            StockOptionList.Label => label,
            StockOptionList.Inputs => options.Find<IReadOnlyList<string>>("InputColumnNames") is { Count: > 0 } names
                ? names.ToArray()
                : new[] { place.Input },
            _ => Options.FirstOrDefault(o => o.Name == parameter.Name) is { } option
                ? option.Convert(option.IsSeed ? options.Get(option.Property) ?? place.Seed : options.Get(option.Property))
                : parameter.DefaultValue,
        };

    private static IEstimator<ITransformer> Call(MethodInfo method, object?[] arguments) =>
        (IEstimator<ITransformer>)method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
}

/// <summary>Where a step of ML.NET's own stands in a chain.</summary>
/// <param name="Ml">The ML.NET context.</param>
/// <param name="Seed">The chain's seed.</param>
/// <param name="Input">The column that it reads.</param>
/// <param name="Output">The column that it adds.</param>
/// <param name="Label">The label vector.</param>
/// <param name="Targets">What the slots of the label are.</param>
internal sealed record StockPlace(MLContext Ml, int Seed, string Input, string Output, string Label, IReadOnlyList<string> Targets);
