namespace GlifMl.Lstm;

/// <summary>
/// The layer in double, one trace after another, as the equations stand: the measure of every other kernel.
/// Equations: Hochreiter &amp; Schmidhuber 1997 with the forget gate of Gers et al. 2000, in nn.LSTM's form
/// i, f, o = sigmoid(W x + b + U h + b'), g = tanh(...), c' = f c + i g, h' = o tanh(c'); backpropagation through all of time.
/// </summary>
/// <param name="geometry">Sizes.</param>
/// <param name="parameters">Per direction.</param>
/// <param name="keep">
/// What becomes of each gate and state that is kept from the forward pass for the backward one; null keeps it as it is. A test that asks
/// how far any float computation may be off rounds them here: near saturation the gradient takes 1 - gate, which is mostly its rounding.
/// </param>
internal sealed class ReferenceLstm(LstmGeometry geometry, ReferenceParameters[] parameters, Func<double, double>? keep = null)
{
    private const int Gates = LstmGeometry.Gates;
    private readonly int _hidden = geometry.Hidden;
    private readonly int _inputs = geometry.Inputs;
    private readonly double[] _gates = new double[(long)geometry.Time * Gates * geometry.Hidden];
    private readonly double[] _h = new double[(geometry.Time + 1L) * geometry.Hidden];
    private readonly double[] _c = new double[(geometry.Time + 1L) * geometry.Hidden];

    public ReferenceOutputs Forward(ReferenceInputs inputs)
    {
        var outputs = ReferenceOutputs.Zeros(geometry);
        ForEachTrace(
            (direction, row) =>
            {
                var length = inputs.LengthOf(row, geometry);
                RunTrace(inputs, direction, row, length);
                for (var j = 0; j < _hidden; j++)
                {
                    var output = row * geometry.Outputs + direction * _hidden + j;
                    outputs.FinalHidden[output] = _h[length * _hidden + j];
                    outputs.FinalCell[output] = _c[length * _hidden + j];
                    for (var step = 0; step < length; step++)
                    {
                        var h = _h[(step + 1) * _hidden + j];
                        outputs.TimeMean[output] += h / length;
                        outputs.Sequence[SequenceIndex(row, SampleOf(direction, step, length), direction, j)] = h;
                    }
                }
            }
        );
        return outputs;
    }

    /// <summary>Gradients of sum(outputs * outputGradients) by every input and parameter.</summary>
    public ReferenceGradients Backward(ReferenceInputs inputs, ReferenceOutputs outputGradients)
    {
        var gradients = ReferenceGradients.Zeros(geometry);
        ForEachTrace(
            (direction, row) =>
            {
                RunTrace(inputs, direction, row, inputs.LengthOf(row, geometry));
                BackTrace(inputs, outputGradients, gradients, direction, row, inputs.LengthOf(row, geometry));
            }
        );
        return gradients;
    }

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));

    private double Keep(double value) => keep?.Invoke(value) ?? value;

    // The reverse direction starts at the row's own last valid sample.
    private static int SampleOf(int direction, int step, int length) => direction == 0 ? step : length - 1 - step;

    private void ForEachTrace(Action<int, int> trace)
    {
        for (var direction = 0; direction < geometry.Directions; direction++)
        {
            for (var row = 0; row < geometry.Batch; row++)
                trace(direction, row);
        }
    }

    private int StateIndex(int direction, int row, int unit) => (direction * geometry.Batch + row) * _hidden + unit;

    private int InputIndex(int row, int sample) => (row * geometry.Time + sample) * _inputs;

    private int SequenceIndex(int row, int sample, int direction, int unit) =>
        (row * geometry.Time + sample) * geometry.Outputs + direction * _hidden + unit;

    private void RunTrace(ReferenceInputs inputs, int direction, int row, int length)
    {
        var p = parameters[direction];
        for (var j = 0; j < _hidden; j++)
        {
            _h[j] = inputs.InitialHidden?[StateIndex(direction, row, j)] ?? 0;
            _c[j] = inputs.InitialCell?[StateIndex(direction, row, j)] ?? 0;
        }

        for (var step = 0; step < length; step++)
        {
            var x = inputs.Input.AsSpan(InputIndex(row, SampleOf(direction, step, length)), _inputs);
            var h = _h.AsSpan(step * _hidden, _hidden);
            var gates = _gates.AsSpan(step * Gates * _hidden, Gates * _hidden);
            for (var gate = 0; gate < Gates * _hidden; gate++)
            {
                var z = p.InputBias[gate] + p.HiddenBias[gate];
                for (var k = 0; k < _inputs; k++)
                    z += p.InputWeights[gate * _inputs + k] * x[k];
                for (var k = 0; k < _hidden; k++)
                    z += p.HiddenWeights[gate * _hidden + k] * h[k];
                gates[gate] = Keep(gate / _hidden == 2 ? Math.Tanh(z) : Sigmoid(z));
            }

            for (var j = 0; j < _hidden; j++)
            {
                double i = gates[j],
                    f = gates[_hidden + j],
                    g = gates[2 * _hidden + j],
                    o = gates[3 * _hidden + j];
                var c = Keep(f * _c[step * _hidden + j] + i * g);
                _c[(step + 1) * _hidden + j] = c;
                _h[(step + 1) * _hidden + j] = Keep(o * Math.Tanh(c));
            }
        }
    }

    private void BackTrace(ReferenceInputs inputs, ReferenceOutputs d, ReferenceGradients gradients, int direction, int row, int length)
    {
        var p = parameters[direction];
        var dp = gradients.Parameters[direction];
        var dh = new double[_hidden];
        var dc = new double[_hidden];
        var dz = new double[Gates * _hidden];
        for (var j = 0; j < _hidden; j++)
        {
            var output = row * geometry.Outputs + direction * _hidden + j;
            dh[j] = d.FinalHidden[output];
            dc[j] = d.FinalCell[output];
        }

        for (var step = length - 1; step >= 0; step--)
        {
            var sample = SampleOf(direction, step, length);
            for (var j = 0; j < _hidden; j++)
            {
                dh[j] += d.TimeMean[row * geometry.Outputs + direction * _hidden + j] / length;
                dh[j] += d.Sequence[SequenceIndex(row, sample, direction, j)];
                var gates = _gates.AsSpan(step * Gates * _hidden + j);
                double i = gates[0],
                    f = gates[_hidden],
                    g = gates[2 * _hidden],
                    o = gates[3 * _hidden];
                var tanhC = Keep(Math.Tanh(_c[(step + 1) * _hidden + j]));
                dc[j] += dh[j] * o * (1 - tanhC * tanhC);
                dz[j] = dc[j] * g * i * (1 - i);
                dz[_hidden + j] = dc[j] * _c[step * _hidden + j] * f * (1 - f);
                dz[2 * _hidden + j] = dc[j] * i * (1 - g * g);
                dz[3 * _hidden + j] = dh[j] * tanhC * o * (1 - o);
                dc[j] *= f;
            }

            Array.Clear(dh);
            var x = InputIndex(row, sample);
            for (var gate = 0; gate < Gates * _hidden; gate++)
            {
                dp.InputBias[gate] += dz[gate];
                dp.HiddenBias[gate] += dz[gate];
                for (var k = 0; k < _inputs; k++)
                {
                    dp.InputWeights[gate * _inputs + k] += dz[gate] * inputs.Input[x + k];
                    gradients.Input[x + k] += dz[gate] * p.InputWeights[gate * _inputs + k];
                }

                for (var k = 0; k < _hidden; k++)
                {
                    dp.HiddenWeights[gate * _hidden + k] += dz[gate] * _h[step * _hidden + k];
                    dh[k] += dz[gate] * p.HiddenWeights[gate * _hidden + k];
                }
            }
        }

        for (var j = 0; j < _hidden; j++)
        {
            gradients.InitialHidden[StateIndex(direction, row, j)] = dh[j];
            gradients.InitialCell[StateIndex(direction, row, j)] = dc[j];
        }
    }
}

/// <summary>The inputs of a <see cref="ReferenceLstm"/>: shapes as in <see cref="LstmCall"/>, null as there.</summary>
internal sealed record ReferenceInputs(double[] Input, int[]? Lengths = null, double[]? InitialHidden = null, double[]? InitialCell = null)
{
    public int LengthOf(int row, LstmGeometry geometry) => Lengths?[row] ?? geometry.Time;
}

/// <summary>The outputs of a <see cref="ReferenceLstm"/>, or their gradients: shapes as in <see cref="LstmCall"/>.</summary>
internal sealed record ReferenceOutputs(double[] FinalHidden, double[] FinalCell, double[] TimeMean, double[] Sequence)
{
    public static ReferenceOutputs Zeros(LstmGeometry g) =>
        new(new double[g.StateFloats], new double[g.StateFloats], new double[g.StateFloats], new double[g.SequenceFloats]);
}

/// <summary>One direction's parameters, or their gradients, in double: the layout of <see cref="LstmParameters"/>.</summary>
internal sealed record ReferenceParameters(double[] InputWeights, double[] HiddenWeights, double[] InputBias, double[] HiddenBias)
{
    public static ReferenceParameters Zeros(LstmGeometry g) =>
        new(new double[g.InputWeightFloats], new double[g.HiddenWeightFloats], new double[g.BiasFloats], new double[g.BiasFloats]);
}

/// <summary>What a <see cref="ReferenceLstm"/> returns from its backward pass: shapes as in <see cref="LstmGradients"/>.</summary>
internal sealed record ReferenceGradients(ReferenceParameters[] Parameters, double[] Input, double[] InitialHidden, double[] InitialCell)
{
    public static ReferenceGradients Zeros(LstmGeometry g) =>
        new(
            [.. Enumerable.Range(0, g.Directions).Select(_ => ReferenceParameters.Zeros(g))],
            new double[g.InputFloats],
            new double[g.StateFloats],
            new double[g.StateFloats]
        );
}
