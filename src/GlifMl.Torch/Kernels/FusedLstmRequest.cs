using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>Everything of a call but its tensors. The tensors stand in the order input, parameters, initial hidden, initial cell.</summary>
internal sealed record FusedLstmRequest(LstmGeometry Geometry, FusedLstmOptions Options, int[]? Lengths)
{
    public bool HasInitialHidden { get; init; }

    public bool HasInitialCell { get; init; }

    public bool InputNeedsGradient { get; init; }

    public int ParameterTensors => Geometry.Directions * FusedLstm.ParametersPerDirection;

    /// <summary>Tensors before the checkpoints.</summary>
    public int Tensors => 1 + ParameterTensors + (HasInitialHidden ? 1 : 0) + (HasInitialCell ? 1 : 0);

    public long[] StateShape => [Geometry.Batch, Geometry.Outputs];

    public long[] SequenceShape => [Geometry.Batch, Geometry.Time, Geometry.Outputs];

    /// <summary>Gives the outputs, in the order they are computed, their names.</summary>
    public FusedLstmOutputs Name(IReadOnlyList<Tensor> outputs)
    {
        var (cell, mean, sequence) = Positions;
        return new(outputs[0], At(outputs, cell), At(outputs, mean), At(outputs, sequence));
    }

    /// <summary>Where the optional outputs stand behind the final hidden state; 0 for one that was not asked for.</summary>
    public (int FinalCell, int TimeMean, int Sequence) Positions
    {
        get
        {
            var next = 1;
            var cell = Options.FinalCell ? next++ : 0;
            var mean = Options.TimeMean ? next++ : 0;
            return (cell, mean, Options.Sequence ? next : 0);
        }
    }

    private static Tensor? At(IReadOnlyList<Tensor> outputs, int position) => position == 0 ? null : outputs[position];
}
