using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>The simulated data: one neuron, a design over its parameters, and the stimuli of each split.</summary>
public sealed record DatasetDefinition
{
    /// <summary>Full path of the Allen neuron config (JSON) that gives every key the design does not vary. Written relative to the file that says it.</summary>
    [InputFile]
    public required string Neuron { get; init; }

    /// <summary>The parameters that vary and how.</summary>
    public required ParametersDefinition Parameters { get; init; }

    /// <summary>How each trace is simulated and kept. Default: the case study's preparation.</summary>
    public TraceDefinition Trace { get; init; } = new();

    /// <summary>The training, validation and test data.</summary>
    public required SplitsDefinition Splits { get; init; }

    /// <summary>
    /// Cells of parameter space that training and validation leave out, while the test split keeps them. Default null: none. In a grid without it every
    /// test configuration may be one of training; other designs never test on a configuration of training, but on ones close by.
    /// </summary>
    public HoldOutDefinition? HoldOut { get; init; }

    /// <summary>Traces in one shard file. Default 500; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int ShardRows { get; init; } = 500;
}
