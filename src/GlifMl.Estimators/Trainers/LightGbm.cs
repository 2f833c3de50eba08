using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;

namespace GlifMl;

/// <summary>Gradient-boosted trees grown leaf by leaf (Ke et al. 2017), LightGBM.</summary>
public sealed record LightGbmOptions : MultiOutputOptions
{
    /// <summary>
    /// Trees for each label, at most: with a validation split, as many of the first ones are kept as do best on it. Default 300; at least
    /// 1.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Trees { get; init; } = 300;

    /// <summary>Leaves a tree, at most. Default 31; at least 2.</summary>
    [Range(2, int.MaxValue)]
    public int Leaves { get; init; } = 31;

    /// <summary>Training rows a leaf, at least. Default 10; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int LeafRows { get; init; } = 10;

    /// <summary>How much of each tree is added. Default 0.05; above 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Fraction of the features that each tree may use, drawn anew. Default 1; above 0, at most 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double FeatureFraction { get; init; } = 1;

    /// <summary>ML.NET's trainer of one label.</summary>
    internal LightGbmRegressionTrainer Trainer(MLContext ml, string label, string features) =>
        ml.Regression.Trainers.LightGbm(
            new LightGbmRegressionTrainer.Options
            {
                LabelColumnName = label,
                FeatureColumnName = features,
                NumberOfIterations = Trees,
                NumberOfLeaves = Leaves,
                MinimumExampleCountPerLeaf = LeafRows,
                LearningRate = LearningRate,
                Booster = new GradientBooster.Options { FeatureFraction = FeatureFraction },
                Seed = this.SeedOrDefault,
                Deterministic = true,
                // Histograms are summed in the order in which threads finish.
                NumberOfThreads = 1,
                Silent = true,
            }
        );
}
