using System.Runtime.Serialization;
using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>A whole experiment: the data to simulate, the parameters to learn and the chain that learns them.</summary>
public sealed record PipelineDefinition
{
    /// <summary>
    /// Name of the pipeline and of its folder under <c>models/</c>. Default: the definition file's name without its extension.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Seed of everything random: parameter designs, stimuli, order and initial weights. Default 1; at least 0.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Folder for the trained model: relative to the working directory, or, where it begins with a dot, to the file that says it. Default
    /// null: <c>models/</c> and the name.
    /// </summary>
    [Folder]
    public string? Output { get; init; }

    /// <summary>Folder of the shards, in the same way. Default null: <c>datasets/shards/</c> and the data set's hash.</summary>
    [Folder]
    public string? Data { get; init; }

    /// <summary>The simulated data.</summary>
    public required DatasetDefinition Dataset { get; init; }

    /// <summary>
    /// The parameters to learn, in label order, each one of C, El, R_input, dt and th_inf. Default: all of them that are not known.
    /// </summary>
    public IReadOnlyList<string> Targets
    {
        get => field ?? [.. GlifParameter.Keys.Except(Known ?? [])];
        init;
    }

    /// <summary>
    /// Parameters that are known of every trace, such as dt of every recording: the model is given them as inputs, in SI units, and not
    /// asked for them. Default null: none.
    /// </summary>
    public IReadOnlyList<string>? Known { get; init; }

    /// <summary>
    /// How many networks are trained, each from a seed of its own, to answer together: with the mean of what they answer, or the mixture of
    /// their posteriors, and with how far they lie apart. Default null: one. 2 to 64.
    /// </summary>
    [System.ComponentModel.DataAnnotations.Range(2, 64)]
    public int? Ensemble { get; init; }

    /// <summary>The estimators of the chain, first to last; at least one.</summary>
    [DataMember(Name = "pipeline")]
    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>
    /// Assemblies whose estimators the chain may name, as paths relative to the file that says them. Each is code, and is loaded only with
    /// <c>--allow-plugins</c>. Default null: none.
    /// </summary>
    public IReadOnlyList<string>? Uses { get; init; }
}

/// <summary>One estimator of the chain.</summary>
/// <param name="Name">Its name in the catalogue.</param>
/// <param name="Options">Its options, of the type the catalogue names; null for a step without options.</param>
/// <param name="Mark">Where the definition names it.</param>
public sealed record StepDefinition(string Name, object? Options, SourceMark Mark);
