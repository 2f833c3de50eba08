namespace GlifMl.Lstm;

/// <summary><see cref="ReferenceLstm"/> behind the interface of the fast kernels: float in and out, double between, one thread.</summary>
internal sealed unsafe class ScalarLstmKernel : ILstmKernel
{
    public string Name => "scalar";

    /// <summary>Nothing: backward runs the whole trace again.</summary>
    public long CheckpointFloats(LstmGeometry geometry) => 0;

    public void Forward(LstmCall call, int threads)
    {
        var g = call.Geometry;
        var outputs = new ReferenceLstm(g, Widen(call.Parameters, g)).Forward(Widen(call));
        Narrow(outputs.FinalHidden, call.FinalHidden);
        Narrow(outputs.FinalCell, call.FinalCell);
        Narrow(outputs.TimeMean, call.TimeMean);
        Narrow(outputs.Sequence, call.Sequence);
    }

    public void Backward(LstmCall call, LstmGradients gradients, int threads)
    {
        var g = call.Geometry;
        var outputGradients = new ReferenceOutputs(
            WidenOrZeros(gradients.FinalHidden, g.StateFloats),
            WidenOrZeros(gradients.FinalCell, g.StateFloats),
            WidenOrZeros(gradients.TimeMean, g.StateFloats),
            WidenOrZeros(gradients.Sequence, g.SequenceFloats)
        );
        var result = new ReferenceLstm(g, Widen(call.Parameters, g)).Backward(Widen(call), outputGradients);
        for (var direction = 0; direction < g.Directions; direction++)
        {
            var (from, to) = (result.Parameters[direction], gradients.Parameters[direction]);
            Narrow(from.InputWeights, to.InputWeights);
            Narrow(from.HiddenWeights, to.HiddenWeights);
            Narrow(from.InputBias, to.InputBias);
            Narrow(from.HiddenBias, to.HiddenBias);
        }

        Narrow(result.Input, gradients.Input);
        Narrow(result.InitialHidden, gradients.InitialHidden);
        Narrow(result.InitialCell, gradients.InitialCell);
    }

    private static ReferenceInputs Widen(LstmCall call) =>
        new(
            WidenOrZeros(call.Input, call.Geometry.InputFloats),
            call.Lengths,
            WidenOrZeros(call.InitialHidden, call.Geometry.StateFloats),
            WidenOrZeros(call.InitialCell, call.Geometry.StateFloats)
        );

    private static ReferenceParameters[] Widen(LstmParameters[] parameters, LstmGeometry g)
    {
        var wide = new ReferenceParameters[g.Directions];
        for (var direction = 0; direction < wide.Length; direction++)
        {
            var p = parameters[direction];
            wide[direction] = new(
                WidenOrZeros(p.InputWeights, g.InputWeightFloats),
                WidenOrZeros(p.HiddenWeights, g.HiddenWeightFloats),
                WidenOrZeros(p.InputBias, g.BiasFloats),
                WidenOrZeros(p.HiddenBias, g.BiasFloats)
            );
        }

        return wide;
    }

    private static double[] WidenOrZeros(float* from, long count)
    {
        var wide = new double[count];
        for (long n = 0; from != null && n < count; n++)
            wide[n] = from[n];
        return wide;
    }

    private static void Narrow(double[] from, float* to)
    {
        for (long n = 0; to != null && n < from.Length; n++)
            to[n] = (float)from[n];
    }
}
