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
    private readonly bool _treeFeatures;
    private readonly Lazy<Type> _optionsType;
    private readonly Lazy<string> _summary;

    /// <summary>A step.</summary>
    /// <param name="catalogue">The catalogue that the method is of.</param>
    /// <param name="overloads">The method's overloads that a definition can call, shortest first.</param>
    /// <param name="trainerOptions">The class of options of a trainer; null for a transform without one.</param>
    /// <param name="treeFeatures">
    /// Whether the trainer grows trees whose values, leaves and ways are the features: the one overload takes the trainer's options within
    /// others, which name the columns.
    /// </param>
    public StockStep(MlCatalogue catalogue, IReadOnlyList<MethodInfo> overloads, Type? trainerOptions, bool treeFeatures = false)
    {
        (_catalogue, _overloads, _trainerOptions, _treeFeatures) = (catalogue, overloads, trainerOptions, treeFeatures);
        Options =
            trainerOptions is null ? StockOptionList.Of(overloads)
            : treeFeatures ? [.. StockOptionList.TreeColumns, .. StockOptionList.Of(trainerOptions)]
            : StockOptionList.Of(trainerOptions);
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

    /// <summary>Whether it adds a column for the steps that follow; otherwise they read what was there.</summary>
    public bool AddsColumn => _trainerOptions is not null || _overloads[0].GetParameters().Any(p => p.Name == StockOptionList.Output);

    /// <summary>The name that a definition gives the column it adds; null for one of its own.</summary>
    public string? OutputOf(StockOptions options) =>
        _treeFeatures
            ? StockOptionList.TreeColumns.Skip(1).Select(c => options.Find<string>(c.Property)).FirstOrDefault(name => name is not null)
            : options.Find<string>("OutputColumnName");

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
        : _treeFeatures ? TreeFeatures(options, place)
        : Trainer(place.Ml, options, place.Seed, place.Label, place.Input).Append(place.Ml.Transforms.CopyColumns(place.Output, Score));

    private IEstimator<ITransformer> Trainer(MLContext ml, StockOptions options, int seed, string label, string features) =>
        Call(_overloads[0], [_catalogue.Of(ml), Settings(options, seed, label, features)]);

    private object Settings(StockOptions options, int seed, string label, string features)
    {
        var settings = Activator.CreateInstance(_trainerOptions!)!;
        foreach (var option in Options.Except(_treeFeatures ? StockOptionList.TreeColumns : []))
        {
            var value = option.IsSeed ? options.Get(option.Property) ?? seed : options.Get(option.Property);
            // An object that nobody chose is ML.NET's to choose.
            if (value is not null || option.Choice is null)
                StockOptionList.Set(settings, option.Name, option.Convert(value));
        }

        StockOptionList.Set(settings, "FeatureColumnName", features);
        if (IsTrainer || _treeFeatures)
            StockOptionList.Set(settings, "LabelColumnName", label);
        return settings;
    }

    /// <summary>Trees of one target, and of them the columns that were named; the leaves where none was.</summary>
    private StockLabelledEstimator TreeFeatures(StockOptions options, StockPlace place) =>
        new(
            place,
            options.Find<string>("LabelColumnName"),
            label =>
            {
                var settings = Activator.CreateInstance(_overloads[0].GetParameters()[1].ParameterType)!;
                StockOptionList.Set(settings, "InputColumnName", place.Input);
                StockOptionList.Set(settings, "TrainerOptions", Settings(options, place.Seed, label, place.Input));
                var named = StockOptionList.TreeColumns.Skip(1).ToDictionary(c => c.Name, c => options.Find<string>(c.Property));
                if (named.Values.All(name => name is null))
                    named["LeavesColumnName"] = place.Output;
                foreach (var (column, name) in named)
                    StockOptionList.Set(settings, column, name);
                return Call(_overloads[0], [_catalogue.Of(place.Ml), settings]);
            }
        );

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
