using GlifMl.Estimators;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Pipelines.Inspection;

public sealed class DefinitionReferenceTests
{
    private const int PromisedNames = 55;

    [Fact]
    public void ToText_CheckedInPage_HasNotDrifted() =>
        Assert.True(
            File.ReadAllText(Glifml.Path("pipelines/REFERENCE.md")) == DefinitionReference.ToText(EstimatorCatalog.Default),
            "pipelines/REFERENCE.md is not what the code gives; `glifml schema --markdown --out pipelines/REFERENCE.md` writes it again"
        );

    [Fact]
    public void ToText_EveryEstimator_HasASection()
    {
        var page = DefinitionReference.ToText(EstimatorCatalog.Default);

        Assert.All(EstimatorCatalog.Default.Names, name => Assert.Contains($"\n### {name}\n", page, StringComparison.Ordinal));
        Assert.InRange(EstimatorCatalog.Default.Names.Count, PromisedNames, int.MaxValue);
    }

    [Fact]
    public void Count_OfReadme_IsTheCatalogues()
    {
        var names = EstimatorCatalog.Default.Names;
        var stock = names.Count(name => name.StartsWith("ml.", StringComparison.Ordinal));
        Assert.Contains(
            $"{names.Count} names, {names.Count - stock} of this project and {stock} of ML.NET; {StockCatalog.Refused.Count} more of",
            File.ReadAllText(Glifml.Path("pipelines/README.md")),
            StringComparison.Ordinal
        );
    }

    // A method that ML.NET adds is offered or refused; nothing falls between.
    [Fact]
    public void Refused_OfMlNet_HasReasonsAndNoStepOfTheName()
    {
        Assert.All(StockCatalog.Refused, refused => Assert.NotEmpty(refused.Value));
        Assert.Empty(StockCatalog.Refused.Keys.Intersect(EstimatorCatalog.Default.Names));
        Assert.Contains("ml.expression", StockCatalog.Refused.Keys);
    }
}
