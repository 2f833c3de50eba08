namespace GlifMl.Pipelines;

/// <summary>How definitions are compared.</summary>
public sealed record ComparisonSettings
{
    /// <summary>How many seeds: the definitions' own and those that follow it. Each is what <c>--set seed=N</c> gives, with data of its own. Default 1.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>Trains each definition also without held-out cells (<c>dataset.hold_out</c>, at its defaults where the definition has none). Default false.</summary>
    public bool HoldOut { get; init; }

    /// <summary>Overrides of every definition, <c>key.path=value</c>. Default none.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Folder of the models, one folder a definition. Default null: each definition's own.</summary>
    public string? ModelsDirectory { get; init; }

    /// <summary>Folder of the datasets, one folder a hash. Default null: <c>datasets/shards</c>.</summary>
    public string? DatasetsDirectory { get; init; }

    /// <summary>Continues a training that was broken off from its checkpoint. Default false. Models that are finished are always taken over.</summary>
    public bool Resume { get; init; }

    /// <summary>The estimators that the definitions may name. Default: <see cref="EstimatorCatalog.Default"/>.</summary>
    public EstimatorCatalog Catalog { get; init; } = EstimatorCatalog.Default;

    /// <summary>Follows the runs. Default null: nobody.</summary>
    public IPipelineListener? Listener { get; init; }

    /// <summary>Stops at the next step, keeping what is finished.</summary>
    public CancellationToken Cancellation { get; init; }
}
