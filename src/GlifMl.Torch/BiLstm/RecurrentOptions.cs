using System.ComponentModel.DataAnnotations;

namespace GlifMl.Torch;

/// <summary>The shape of a recurrent regressor, whatever its cells: stacked layers over a trace, then a linear head. And how it is trained.</summary>
public abstract record RecurrentOptions : TrainerOptions
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

    /// <summary>Directions: 2 when bidirectional.</summary>
    internal int Directions => Bidirectional ? 2 : 1;

    /// <summary>Values the head reads: the states of each direction, twice where it reads both the final ones and their mean.</summary>
    internal int ReadSize => Hidden * Directions * (ReadOut == ReadOut.Both ? 2 : 1);
}
