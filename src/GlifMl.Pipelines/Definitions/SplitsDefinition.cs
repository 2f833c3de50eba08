namespace GlifMl.Pipelines;

/// <summary>The three parts of a dataset.</summary>
public sealed record SplitsDefinition
{
    /// <summary>The traces a chain is fitted to.</summary>
    public required SplitDefinition Train { get; init; }

    /// <summary>The traces the best epoch is chosen on; null for none.</summary>
    public SplitDefinition? Validation { get; init; }

    /// <summary>The traces a model is judged on.</summary>
    public required SplitDefinition Test { get; init; }

    /// <summary>The splits present, with their names: train, validation, test.</summary>
    public IEnumerable<(string Name, SplitDefinition Split)> Present
    {
        get
        {
            yield return ("train", Train);
            if (Validation is not null)
                yield return ("validation", Validation);
            yield return ("test", Test);
        }
    }

    /// <summary>A split by its name.</summary>
    /// <param name="name">The name of one that is present.</param>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    internal SplitDefinition Named(string name) => Present.Single(split => split.Name == name).Split;
}
