using GlifMl.Lstm;

namespace GlifMl.Onnx;

/// <summary>
/// What stands for an LSTM node of the standard: the layer, how its samples lie, and which of its results are wanted. Besides the
/// standard's three results there are those that the nodes behind an LSTM usually make of them, in the layout that the kernel writes.
/// </summary>
internal sealed unsafe class LstmNode
{
    public const int SamplesInput = 0;
    public const int LengthsInput = 1;
    public const int HiddenInput = 2;
    public const int CellInput = 3;
    public const int InputCount = 4;

    /// <summary>[time, directions, batch, hidden].</summary>
    public const int SequenceOutput = 0;

    /// <summary>[directions, batch, hidden].</summary>
    public const int HiddenOutput = 1;

    /// <summary>[directions, batch, hidden].</summary>
    public const int CellOutput = 2;

    /// <summary>[batch, time, directions * hidden].</summary>
    public const int RowsOutput = 3;

    /// <summary>[batch, directions * hidden].</summary>
    public const int FinalOutput = 4;

    /// <summary>[batch, directions * hidden].</summary>
    public const int MeanOutput = 5;
    public const int OutputCount = 6;

    private readonly bool[] _inputs = new bool[InputCount];
    private readonly bool[] _outputs = new bool[OutputCount];

    /// <summary>The layer; of a reverse node its only direction.</summary>
    public required LstmLayer Layer { get; init; }

    /// <summary>Whether the only direction reads each row from its end.</summary>
    public required bool IsReverse { get; init; }

    /// <summary>Whether samples come as [batch, time, channels], not as [time, batch, channels].</summary>
    public bool RowsFirst { get; set; }

    /// <summary>Says which inputs and outputs the node has.</summary>
    public void Connect(IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        for (var n = 0; n < InputCount; n++)
            _inputs[n] = n < inputs.Count && inputs[n].Length > 0;
        for (var n = 0; n < OutputCount; n++)
            _outputs[n] = n < outputs.Count && outputs[n].Length > 0;
    }

    /// <summary>Computes the node.</summary>
    /// <param name="context">OnnxRuntime's context of the computation.</param>
    /// <param name="threads">Threads that share the work; 0 for the machine's cores.</param>
    /// <exception cref="InvalidDataException">An input has not the shape that the layer reads.</exception>
    public void Compute(nint context, int threads)
    {
        var samples = OrtApi.Input(context, SamplesInput)!;
        if (samples.Dims is not [var first, var second, var channels] || channels != Layer.InputSize)
            throw new InvalidDataException(
                $"found samples [{string.Join(", ", samples.Dims)}]; expected three dimensions, the last {Layer.InputSize}"
            );
        var (time, batch) = RowsFirst ? (second, first) : (first, second);
        if (time is < 1 or > LstmChecks.Longest)
            throw new InvalidDataException($"found traces of {time} steps; expected 1 to {LstmChecks.Longest}");
        var g = Layer.Geometry((int)batch, (int)time);
        var results = new Results(this, context, g);
        if (batch == 0)
            return;

        var lengths = Lengths(context, g);
        using var copy = new NativeFloats(RowsFirst && !IsReverse ? 0 : g.InputFloats, zeroed: false);
        var input = (float*)samples.Data;
        if (!RowsFirst || IsReverse)
        {
            LstmLayouts.Rows(input, copy.Start, g, lengths, RowsFirst, IsReverse);
            input = copy.Start;
        }

        using var hidden = new NativeFloats(g.StateFloats);
        using var cell = new NativeFloats(_outputs[CellOutput] ? g.StateFloats : 0);
        using var rows = new NativeFloats(_outputs[SequenceOutput] && results.Rows == null ? g.SequenceFloats : 0, zeroed: false);
        var call = new LstmCall
        {
            Geometry = g,
            Parameters = Layer.Parameters,
            Input = input,
            Lengths = lengths is null ? null : Array.ConvertAll(lengths, length => Math.Max(length, 1)),
            InitialHidden = Initial(context, HiddenInput, g),
            InitialCell = Initial(context, CellInput, g),
            FinalHidden = results.Final != null ? results.Final : hidden.Start,
            FinalCell = _outputs[CellOutput] ? cell.Start : null,
            TimeMean = results.Mean,
            Sequence =
                results.Rows != null ? results.Rows
                : _outputs[SequenceOutput] ? rows.Start
                : null,
        };
        LstmKernels.Default.Forward(call, threads > 0 ? threads : KernelThreads.Default);
        GC.KeepAlive(Layer);
        LstmLayouts.EmptyRows(call, lengths);
        results.Fill(call, lengths);
    }

    private int[]? Lengths(nint context, LstmGeometry g)
    {
        if (!_inputs[LengthsInput])
            return null;
        var tensor = OrtApi.Input(context, LengthsInput)!;
        if (tensor.Dims is not [var count] || count != g.Batch)
            throw new InvalidDataException($"found lengths [{string.Join(", ", tensor.Dims)}]; expected [{g.Batch}]");
        var lengths = new Span<int>(tensor.Data, g.Batch).ToArray();
        var row = Array.FindIndex(lengths, length => length < 0 || length > g.Time);
        if (row >= 0)
            throw new InvalidDataException($"found length {lengths[row]} of row {row}; expected 0 to {g.Time}");
        return Array.TrueForAll(lengths, length => length == g.Time) ? null : lengths;
    }

    private float* Initial(nint context, int index, LstmGeometry g)
    {
        if (!_inputs[index])
            return null;
        var tensor = OrtApi.Input(context, index)!;
        return tensor.Dims is [var directions, var batch, var hidden] && (directions, batch, hidden) == (g.Directions, g.Batch, g.Hidden)
            ? (float*)tensor.Data
            : throw new InvalidDataException(
                $"found initial states [{string.Join(", ", tensor.Dims)}]; expected [{g.Directions}, {g.Batch}, {g.Hidden}]"
            );
    }

    /// <summary>Where the results go: those that the node has, in OnnxRuntime's memory.</summary>
    private readonly struct Results(LstmNode node, nint context, LstmGeometry g)
    {
        private readonly float* _sequence = node.Output(context, SequenceOutput, g.Time, g.Directions, g.Batch, g.Hidden);
        private readonly float* _hidden = node.Output(context, HiddenOutput, g.Directions, g.Batch, g.Hidden);
        private readonly float* _cell = node.Output(context, CellOutput, g.Directions, g.Batch, g.Hidden);

        public float* Rows { get; } = node.Output(context, RowsOutput, g.Batch, g.Time, g.Outputs);

        public float* Final { get; } = node.Output(context, FinalOutput, g.Batch, g.Outputs);

        public float* Mean { get; } = node.Output(context, MeanOutput, g.Batch, g.Outputs);

        public void Fill(LstmCall call, int[]? lengths)
        {
            if (node.IsReverse && call.Sequence != null)
                LstmLayouts.TurnRound(call.Sequence, g, lengths);
            if (_sequence != null)
                LstmLayouts.TimeFirst(call.Sequence, _sequence, g);
            if (_hidden != null)
                LstmLayouts.DirectionsFirst(call.FinalHidden, _hidden, g);
            if (_cell != null)
                LstmLayouts.DirectionsFirst(call.FinalCell, _cell, g);
        }
    }

    private float* Output(nint context, int index, params ReadOnlySpan<long> dims) =>
        _outputs[index] ? (float*)OrtApi.Output(context, index, dims) : null;
}

/// <summary>Between the layouts of ONNX and of the kernel.</summary>
internal static unsafe class LstmLayouts
{
    /// <summary>Samples as rows, [batch, time, channels], each from its end where the direction is reverse.</summary>
    public static void Rows(float* from, float* to, LstmGeometry g, int[]? lengths, bool rowsFirst, bool reverse)
    {
        var channels = g.Inputs;
        var (rowStride, stepStride) = rowsFirst ? ((long)g.Time * channels, (long)channels) : (channels, (long)g.Batch * channels);
        for (var row = 0; row < g.Batch; row++)
        {
            var length = lengths?[row] ?? g.Time;
            for (var step = 0; step < g.Time; step++, to += channels)
            {
                var source = reverse && step < length ? length - 1 - step : step;
                var sample = from + (row * rowStride) + (source * stepStride);
                for (var k = 0; k < channels; k++)
                    to[k] = sample[k];
            }
        }
    }

    /// <summary>Turns each row of a sequence [batch, time, hidden] round, up to its length.</summary>
    public static void TurnRound(float* sequence, LstmGeometry g, int[]? lengths)
    {
        for (var row = 0; row < g.Batch; row++)
        {
            var first = sequence + ((long)row * g.Time * g.Outputs);
            for (int step = 0, other = (lengths?[row] ?? g.Time) - 1; step < other; step++, other--)
            {
                float* a = first + ((long)step * g.Outputs),
                    b = first + ((long)other * g.Outputs);
                for (var k = 0; k < g.Outputs; k++)
                    (a[k], b[k]) = (b[k], a[k]);
            }
        }
    }

    /// <summary>[batch, time, directions * hidden] as [time, directions, batch, hidden].</summary>
    public static void TimeFirst(float* from, float* to, LstmGeometry g)
    {
        for (var step = 0; step < g.Time; step++)
        {
            for (var direction = 0; direction < g.Directions; direction++)
            {
                for (var row = 0; row < g.Batch; row++, to += g.Hidden)
                {
                    var states = from + ((((long)row * g.Time) + step) * g.Outputs) + (direction * g.Hidden);
                    new Span<float>(states, g.Hidden).CopyTo(new Span<float>(to, g.Hidden));
                }
            }
        }
    }

    /// <summary>[batch, directions * hidden] as [directions, batch, hidden].</summary>
    public static void DirectionsFirst(float* from, float* to, LstmGeometry g)
    {
        for (var direction = 0; direction < g.Directions; direction++)
        {
            for (var row = 0; row < g.Batch; row++, to += g.Hidden)
            {
                var states = from + ((long)row * g.Outputs) + (direction * g.Hidden);
                new Span<float>(states, g.Hidden).CopyTo(new Span<float>(to, g.Hidden));
            }
        }
    }

    /// <summary>
    /// Rows without samples, which the kernel took for rows of one: OnnxRuntime answers zeros, whatever the initial states are. Of their
    /// mean, a division by zero, nothing is known.
    /// </summary>
    public static void EmptyRows(LstmCall call, int[]? lengths)
    {
        var g = call.Geometry;
        for (var row = 0; lengths is not null && row < g.Batch; row++)
        {
            if (lengths[row] > 0)
                continue;
            Fill(call.FinalHidden, row, g.Outputs, 0);
            Fill(call.FinalCell, row, g.Outputs, 0);
            Fill(call.TimeMean, row, g.Outputs, float.NaN);
            Fill(call.Sequence, row, g.Time * g.Outputs, 0);
        }

        static void Fill(float* rows, int row, int size, float value)
        {
            if (rows != null)
                new Span<float>(rows + ((long)row * size), size).Fill(value);
        }
    }
}
