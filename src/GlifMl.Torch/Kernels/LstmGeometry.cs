using System.Runtime.InteropServices;

namespace GlifMl.Torch;

/// <summary>The sizes of one LSTM layer call: input [Batch, Time, Inputs], states [Directions, Batch, Hidden].</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LstmGeometry(int Batch, int Time, int Inputs, int Hidden, int Directions)
{
    /// <summary>Input, forget, cell and output gate, in nn.LSTM's order.</summary>
    public const int Gates = 4;

    /// <summary>Units a time step leaves behind: both directions, side by side.</summary>
    public int Outputs => Directions * Hidden;

    public long InputFloats => (long)Batch * Time * Inputs;

    public long SequenceFloats => (long)Batch * Time * Outputs;

    public int StateFloats => Batch * Outputs;

    public int InputWeightFloats => Gates * Hidden * Inputs;

    public int HiddenWeightFloats => Gates * Hidden * Hidden;

    public int BiasFloats => Gates * Hidden;
}
