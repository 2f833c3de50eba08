using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace GlifMl.Estimators;

/// <summary>The ML.NET regression models that can be joined into one and written as ONNX.</summary>
internal static class ScalarModels
{
    // FastTreeTweedie and Poisson models, of the same bases, put an exponential on top: they are none of these.
    private static readonly Type[] Known =
    [
        typeof(FastTreeRegressionModelParameters),
        typeof(FastForestRegressionModelParameters),
        typeof(LightGbmRegressionModelParameters),
        typeof(LinearRegressionModelParameters),
    ];

    /// <summary>Refuses a type of model that cannot be written as ONNX.</summary>
    /// <exception cref="ArgumentException">It is not one of the known.</exception>
    public static void Require(Type model)
    {
        if (!Known.Contains(model))
            throw new ArgumentException(
                $"multi-output: a trainer of {model.Name}; expected one whose model can be written as ONNX: {string.Join(", ", Known.Select(k => k.Name))}",
                nameof(model)
            );
    }

    /// <summary>Joins models of one kind, one a score.</summary>
    public static IMultiOutputModel Join(IReadOnlyList<object> models)
    {
        if (models[0] is LinearRegressionModelParameters)
        {
            var linear = models.Cast<LinearRegressionModelParameters>().ToArray();
            return new LinearModel([.. linear.SelectMany(m => m.Weights)], Array.ConvertAll(linear, m => m.Bias));
        }

        return TreeModel.Of([.. models.Select(Ensemble)], areBoosted: models[0] is TreeEnsembleModelParametersBasedOnRegressionTree);
    }

    private static (IEnumerable<RegressionTreeBase> Trees, IEnumerable<double> Weights, double Bias) Ensemble(object model)
    {
        if (model is TreeEnsembleModelParametersBasedOnRegressionTree { TrainedTreeEnsemble: var boosted })
            return (boosted.Trees, boosted.TreeWeights, boosted.Bias);
        // A forest answers the mean of its trees.
        var forest = ((FastForestRegressionModelParameters)model).TrainedTreeEnsemble;
        return (forest.Trees, forest.TreeWeights.Select(w => w / forest.Trees.Count), forest.Bias);
    }
}
