namespace GlifMl.Onnx;

/// <summary>
/// Options of an estimator that draws numbers. There is one rule for the seed: the options' own, or else the definition's, or else 1 where
/// there is no definition.
/// </summary>
internal interface ISeededOptions
{
    /// <summary>The options' own seed; null where they leave it to the definition.</summary>
    int? Seed { get; }

    /// <summary>The same options, with a seed where they have none.</summary>
    /// <param name="seed">The definition's seed.</param>
    ISeededOptions WithSeed(int seed);
}

/// <summary>The end of the rule.</summary>
internal static class Seeds
{
    extension(ISeededOptions options)
    {
        /// <summary>The seed to draw by.</summary>
        public int SeedOrDefault => options.Seed ?? 1;
    }
}
