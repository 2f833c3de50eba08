namespace GlifMl.Pipelines;

/// <summary>What an estimator of the catalogue does, and every option it takes.</summary>
/// <param name="Name">Its name in definitions.</param>
/// <param name="Role">Its place in a chain, as <c>label</c>, <c>trace</c>, <c>trainer</c>.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="About">What its options are as a whole: the summary of the options record.</param>
/// <param name="Options">The options.</param>
public sealed record EstimatorDocumentation(
    string Name,
    string Role,
    string Summary,
    string About,
    IReadOnlyList<OptionDocumentation> Options
)
{
    /// <summary>The documentation of an estimator by its name.</summary>
    /// <param name="catalog">The catalogue it is in.</param>
    /// <param name="name">Its name in definitions.</param>
    /// <exception cref="ArgumentException">There is none of the name; the message gives the nearest one.</exception>
    public static EstimatorDocumentation Of(EstimatorCatalog catalog, string name) =>
        catalog.Names.Contains(name)
            ? Of(catalog[name])
            : throw new ArgumentException($"unknown estimator '{name}'; {UnknownName.Advice(name, catalog.Names)}");

    /// <summary>The documentation of an entry.</summary>
    public static EstimatorDocumentation Of(EstimatorEntry entry) =>
        new(
            entry.Name,
            OptionSchema.YamlName(entry.Role.ToString(), '-'),
            entry.Summary,
            XmlSummaries.Of(entry.OptionsType),
            OptionDocumentation.Of(entry.OptionsType)
        );
}
