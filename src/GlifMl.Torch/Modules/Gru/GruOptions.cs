using System.ComponentModel.DataAnnotations;
using GlifMl.Torch.BiLstm;
using GlifMl.Torch.Training;

namespace GlifMl.Torch.Modules;

/// <summary>The gated recurrent unit regressor (Cho et al. 2014, arXiv:1406.1078): its shape and how it is trained.</summary>
public sealed record GruOptions : TrainerOptions
{
    /// <summary>Hidden units a direction. Default 32; 1 to 1024.</summary>
    [Range(1, 1024)]
    public int Hidden { get; init; } = 32;

    /// <summary>Stacked layers. Default 1; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 1;

    /// <summary>Reads the trace in both directions. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>What the head reads. Default the final states.</summary>
    public ReadOut ReadOut { get; init; } = ReadOut.Final;

    /// <summary>Layer normalisation (Ba et al. 2016, arXiv:1607.06450) of what the head reads. Default false.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Probability of dropping a value between stacked layers and before the head, in training. Default 0; below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }
}
