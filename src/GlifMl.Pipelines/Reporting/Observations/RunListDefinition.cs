using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>A list of definitions to run, each with several seeds, and to set beside one another: a file with <c>runs</c>.</summary>
public sealed record RunListDefinition : IValidatableObject
{
    /// <summary>Name of the list and of its folder under <c>models/</c>. Default: the file's name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>What the list asks, by name of the question: the definitions that answer it, as paths relative to the file.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Runs { get; init; }

    /// <summary>The seeds that each definition is run with, in place of its own. Default 1, 2, 3.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>How long all runs of one seed take on two cores, minutes: what is said before they start. Default 20.</summary>
    [Range(0, double.MaxValue)]
    public double MinutesASeed { get; init; } = 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Seeds.Count == 0 || Seeds.Any(s => s < 0) || Seeds.Distinct().Count() != Seeds.Count)
            yield return new("expected at least one seed, each at least 0 and there once", [nameof(Seeds)]);
        if (!Runs.Values.Any(files => files.Count > 0))
            yield return new("expected at least one definition", [nameof(Runs)]);
    }
}
