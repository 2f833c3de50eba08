using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl;

/// <summary>Gradient-boosted regression trees, ML.NET's FastTree (MART, Friedman 2001).</summary>
public sealed record FastTreeOptions : MultiOutputOptions
{
    /// <summary>
    /// Trees for each label, at most: with a validation split, as many of the first ones are kept as do best on it. Default 300; at least
    /// 1.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Trees { get; init; } = 300;

    /// <summary>Leaves a tree, at most. Default 20; at least 2.</summary>
    [Range(2, int.MaxValue)]
    public int Leaves { get; init; } = 20;

    /// <summary>Training rows a leaf, at least. Default 10; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int LeafRows { get; init; } = 10;

    /// <summary>How much of each tree is added. Default 0.1; above 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Fraction of the features that each tree may use, drawn anew. Default 1; above 0, at most 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double FeatureFraction { get; init; } = 1;

    /// <summary>ML.NET's trainer of one label.</summary>
    internal FastTreeRegressionTrainer Trainer(MLContext ml, string label, string features) =>
        ml.Regression.Trainers.FastTree(
            new FastTreeRegressionTrainer.Options
            {
                LabelColumnName = label,
                FeatureColumnName = features,
                NumberOfTrees = Trees,
                NumberOfLeaves = Leaves,
                MinimumExampleCountPerLeaf = LeafRows,
                LearningRate = LearningRate,
                FeatureFraction = FeatureFraction,
                Seed = this.SeedOrDefault,
                // Sums of gradients depend on how threads share them out.
                NumberOfThreads = 1,
            }
        );
}

/// <summary>A random forest (Breiman 2001), ML.NET's FastForest.</summary>
public sealed record FastForestOptions : MultiOutputOptions
{
    /// <summary>Trees for each label. Default 100; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Trees { get; init; } = 100;

    /// <summary>Leaves a tree, at most. Default 100; at least 2.</summary>
    [Range(2, int.MaxValue)]
    public int Leaves { get; init; } = 100;

    /// <summary>Training rows a leaf, at least. Default 3; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int LeafRows { get; init; } = 3;

    /// <summary>Fraction of the features that each tree may use, drawn anew. Default 0.7; above 0, at most 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double FeatureFraction { get; init; } = 0.7;

    /// <summary>ML.NET's trainer of one label.</summary>
    internal FastForestRegressionTrainer Trainer(MLContext ml, string label, string features) =>
        ml.Regression.Trainers.FastForest(
            new FastForestRegressionTrainer.Options
            {
                LabelColumnName = label,
                FeatureColumnName = features,
                NumberOfTrees = Trees,
                NumberOfLeaves = Leaves,
                MinimumExampleCountPerLeaf = LeafRows,
                FeatureFraction = FeatureFraction,
                Seed = this.SeedOrDefault,
                // Sums over rows depend on how threads share them out.
                NumberOfThreads = 1,
            }
        );
}
