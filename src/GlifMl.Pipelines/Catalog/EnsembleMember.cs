using Microsoft.ML;

namespace GlifMl.Pipelines;

/// <summary>
/// One network of an ensemble. It is trained like a network alone, and the first one as the network that there would be without an
/// ensemble: in the model's folder, from the definition's seed. The others have folders of their own in its checkpoint's.
/// </summary>
/// <param name="Number">From 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Seed">The seed of the weights, the order of the traces and the dropout.</param>
internal sealed record EnsembleMember(int Number, int Count, int Seed)
{
    // Far apart: a comparison over seeds counts them one by one, and must not train the same network twice.
    private const long Step = 1_000_003;

    /// <summary>Its score column.</summary>
    public string Score => Invariant.Text($"{ChainContext.ScoreColumn}{Number + 1}");

    /// <summary>The column of what it alone answers, SI units.</summary>
    public string Parameters => Invariant.Text($"{ChainContext.ParametersColumn}{Number + 1}");

    /// <summary>The members of a definition.</summary>
    public static IEnumerable<EnsembleMember> All(PipelineDefinition definition, int count)
    {
        var seed = definition.Steps[^1].Options is TrainerOptions { Seed: { } own } ? own : definition.Seed;
        return Enumerable.Range(0, count).Select(n => new EnsembleMember(n, count, (int)((seed + (n * Step)) & int.MaxValue)));
    }

    /// <summary>Its folder, within the model's.</summary>
    public string FolderIn(string model) =>
        Number == 0 ? model : Path.Combine(model, "checkpoint", "members", Invariant.Text($"{Number + 1}"));

    /// <summary>Makes its estimator.</summary>
    /// <param name="entry">The trainer.</param>
    /// <param name="options">The trainer's options, those of a network.</param>
    /// <param name="context">The chain so far.</param>
    public IEstimator<ITransformer> Create(EstimatorEntry entry, object options, ChainContext context)
    {
        var (all, tell) = (context.Run, context.Run.OnProgress);
        var run = all with
        {
            Directory = all.Directory is { } folder ? FolderIn(folder) : null,
            OnProgress = tell is null ? null : p => tell(p with { Epoch = (Number * p.Epochs) + p.Epoch, Epochs = Count * p.Epochs }),
        };
        return entry.Create((TrainerOptions)options with { Seed = Seed }, context.ForMember(Seed, Score, run));
    }

    /// <inheritdoc/>
    public override string ToString() => Invariant.Text($"member {Number + 1} of {Count}");
}
