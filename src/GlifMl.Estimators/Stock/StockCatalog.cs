using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace GlifMl.Estimators;

/// <summary>The steps of ML.NET's own that definitions can name: what computes numbers from numbers and can be written as ONNX.</summary>
internal static partial class StockCatalog
{
    private static readonly MlCatalogue[] Catalogues =
    [
        new(typeof(TransformsCatalog), ml => ml.Transforms, LearnsLabel: false),
        new(typeof(TransformsCatalog.ConversionTransforms), ml => ml.Transforms.Conversion, LearnsLabel: false),
        new(typeof(TransformsCatalog.CategoricalTransforms), ml => ml.Transforms.Categorical, LearnsLabel: false),
        new(typeof(TransformsCatalog.FeatureSelectionTransforms), ml => ml.Transforms.FeatureSelection, LearnsLabel: false),
        new(typeof(ClusteringCatalog.ClusteringTrainers), ml => ml.Clustering.Trainers, LearnsLabel: false),
        new(typeof(RegressionCatalog.RegressionTrainers), ml => ml.Regression.Trainers, LearnsLabel: true),
    ];

    // The assemblies of ML.NET whose methods extend the catalogues, by one type of each.
    private static readonly Type[] Homes =
    [
        typeof(TransformExtensionsCatalog),
        typeof(NormalizationCatalog),
        typeof(PcaCatalog),
        typeof(KMeansClusteringExtensions),
        typeof(StandardTrainersCatalog),
        typeof(TreeExtensions),
        typeof(LightGbmExtensions),
        typeof(OnnxCatalog),
    ];

    /// <summary>Why a method is no step of a definition, where what it takes does not say so already.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["ApproximatedKernelMap"] = "what it has drawn is not public, and Microsoft.ML.OnnxConverter has no nodes for it",
        ["DnnFeaturizeImage"] = "it reads an image",
        ["Expression"] = "Microsoft.ML.OnnxConverter has no nodes for it",
        ["FeaturizeByFastForestBinary"] = "it learns a class",
        ["FeaturizeByFastTreeBinary"] = "it learns a class",
        ["FeaturizeByFastTreeRanking"] = "it learns the order of a group",
        ["MapKeyToBinaryVector"] = "Microsoft.ML.OnnxConverter has no nodes for it",
        ["OneHotHashEncoding"] =
            "Microsoft.ML.OnnxConverter has no nodes for it where a column is a vector; " + "ml.hash and ml.map-key-to-vector do the same",
    };

    // What the methods that have no nodes are fitted to.
    private static readonly string[] WithoutNodes =
    [
        nameof(ApproximatedKernelTransformer),
        "CustomMappingTransformer`2",
        "ExpressionTransformer",
        nameof(KeyToBinaryVectorMappingTransformer),
        "StatefulCustomMappingTransformer`3",
    ];

    private static readonly Lazy<(IReadOnlyList<StockStep> Steps, IReadOnlyDictionary<string, string> Refused)> All = new(Read);

    /// <summary>The steps, by name.</summary>
    public static IReadOnlyList<StockStep> Steps => All.Value.Steps;

    /// <summary>The methods that are no steps, by the name that they would have, each with why.</summary>
    public static IReadOnlyDictionary<string, string> Refused => All.Value.Refused;

    /// <summary>Whether a transformer is ML.NET's own and not one of those of which no nodes are known.</summary>
    public static bool MayHaveNodes(Type transformer) =>
        Homes.Any(home => home.Assembly == transformer.Assembly) && !WithoutNodes.Contains(transformer.Name);

    /// <summary>The name of a method's step.</summary>
    public static string NameOf(string method) => "ml." + Words().Replace(method, "-$1").ToLowerInvariant();

    private static (IReadOnlyList<StockStep>, IReadOnlyDictionary<string, string>) Read()
    {
        var (steps, refused) = (
            new SortedDictionary<string, StockStep>(StringComparer.Ordinal),
            new SortedDictionary<string, string>(StringComparer.Ordinal)
        );
        var methods = Homes
            .Select(home => home.Assembly)
            .Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type is { IsAbstract: true, IsSealed: true })
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method =>
                method.IsDefined(typeof(ExtensionAttribute)) && method.ReturnType.IsAssignableTo(typeof(IEstimator<ITransformer>))
            )
            .ToLookup(method => method.GetParameters()[0].ParameterType);
        foreach (var catalogue in Catalogues)
        {
            foreach (var overloads in methods[catalogue.Type].GroupBy(method => method.Name))
            {
                var name = NameOf(overloads.Key);
                if (Reasons.TryGetValue(overloads.Key, out var reason))
                    refused.Add(name, reason);
                else if (Step(catalogue, [.. overloads.OrderBy(m => m.GetParameters().Length)]) is { } step)
                    steps.Add(name, step);
                else
                    refused.Add(name, $"it takes {Unfit(overloads)}, which cannot stand in a definition");
            }
        }

        return ([.. steps.Values], refused);
    }

    private static StockStep? Step(MlCatalogue catalogue, MethodInfo[] overloads)
    {
        var trainer = overloads.FirstOrDefault(m => m.GetParameters() is [_, { Name: "options" } only] && !only.ParameterType.IsArray);
        if (trainer?.GetParameters()[1].ParameterType is { } options)
            return options.GetField("FeatureColumnName") is not null ? new(catalogue, [trainer], options)
                : options.GetField("TrainerOptions") is { } within ? new(catalogue, [trainer], within.FieldType, treeFeatures: true)
                : null;
        MethodInfo[] callable =
        [
            .. overloads.Where(m =>
                !m.IsGenericMethod
                && m.GetParameters()[1].Name is StockOptionList.Output or StockOptionList.Columns
                && m.GetParameters().Skip(1).All(StockOptionList.Fits)
            ),
        ];
        return callable.Length > 0 ? new(catalogue, callable, trainerOptions: null) : null;
    }

    private static string Unfit(IEnumerable<MethodInfo> overloads)
    {
        var parameter = overloads
            .SelectMany(m => m.GetParameters().Skip(1))
            .First(p => !StockOptionList.Fits(p) || p.ParameterType.IsArray);
        return $"{parameter.Name}, {Article(parameter.ParameterType.Name.Split('`')[0])}";
    }

    private static string Article(string noun) => ("AEIO".Contains(noun[0], StringComparison.Ordinal) ? "an " : "a ") + noun;

    [GeneratedRegex("(?<=.)([A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}

/// <summary>One of MLContext's catalogues.</summary>
/// <param name="Type">Its type, which its methods extend.</param>
/// <param name="Of">The catalogue of a context.</param>
/// <param name="LearnsLabel">Whether its methods make trainers of the label.</param>
internal sealed record MlCatalogue(Type Type, Func<MLContext, object> Of, bool LearnsLabel);
