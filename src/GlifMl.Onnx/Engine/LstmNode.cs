using System.Buffers;
using System.Runtime.InteropServices;
using GlifMl.Lstm;

namespace GlifMl.Onnx;

/// <summary>
/// What stands for an LSTM node of the standard: the layer, how its samples lie, and which of its results are wanted. Besides the
/// standard's three results there are those that the nodes behind an LSTM usually make of them, in the layout that the kernel writes.
/// </summary>
internal sealed unsafe class LstmNode : EngineNode
{
    public const int SamplesInput = 0;
    public const int LengthsInput = 1;
    public const int HiddenInput = 2;
    public const int CellInput = 3;

    /// <summary>The second channel of a <see cref="Front"/>.</summary>
    public const int ChannelInput = 4;
    public const int InputCount = 5;
    public const int MostChannels = 2;

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

    /// <summary>The operator that stands for LSTM nodes.</summary>
    public static readonly EngineSignature Lstm = new("Lstm", InputCount, SamplesInput + 1, LengthsInput, OutputCount);

    private readonly bool[] _inputs = new bool[InputCount];
    private readonly bool[] _outputs = new bool[OutputCount];

    /// <summary>The layer; of a reverse node its only direction.</summary>
    public required LstmLayer Layer { get; init; }

    /// <summary>Whether the only direction reads each row from its end.</summary>
    public required bool IsReverse { get; init; }

    /// <summary>Whether samples come as [batch, time, channels], not as [time, batch, channels].</summary>
    public bool RowsFirst { get; set; }

    /// <summary>What makes samples of the model's inputs, which are then the node's; null: the samples are its input.</summary>
    public TraceFront? Front { get; set; }

    /// <inheritdoc/>
    public override EngineSignature Signature => Lstm;

    /// <inheritdoc/>
    public override void Connect(IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        for (var n = 0; n < InputCount; n++)
            _inputs[n] = n < inputs.Count && inputs[n].Length > 0;
        for (var n = 0; n < OutputCount; n++)
            _outputs[n] = n < outputs.Count && outputs[n].Length > 0;
    }

    /// <inheritdoc/>
    public override void Compute(nint context, int threads)
    {
        var samples = OrtApi.Input(context, SamplesInput)!;
        if (Front is not null)
        {
            RunFront(context, samples, threads);
            return;
        }

        if (samples.Dims is not [var first, var second, var channels] || channels != Layer.InputSize)
            throw new InvalidDataException(
                $"found samples [{string.Join(", ", samples.Dims)}]; expected three dimensions, the last {Layer.InputSize}"
            );
        var (time, batch) = RowsFirst ? (second, first) : (first, second);
        Run(context, Geometry(time, batch), (float*)samples.Data, lengths: null, threads);
    }

    /// <summary>Makes samples of the model's inputs, row by row, and computes the node on them.</summary>
    private void RunFront(nint context, OrtTensor first, int threads)
    {
        var front = Front!;
        var second = front.Channels.Count > 1 ? OrtApi.Input(context, ChannelInput)! : null;
        if (first.Dims is not [var batch, var found] || found != front.Samples || second?.Dims.SequenceEqual(first.Dims) == false)
            throw new InvalidDataException($"found traces [{string.Join(", ", first.Dims)}]; expected {front.Samples} samples each");
        var g = Geometry(front.Steps, batch);
        // Of a pool: new memory comes page by page, which takes as long as a tenth of the layer.
        var steps = ArrayPool<float>.Shared.Rent(checked((int)g.InputFloats));
        using var pinned = new PinnedGCHandle<float[]>(steps);
        var lengths = new int[batch];
        var (to, voltage, stimulus) = ((nint)pinned.GetAddressOfArrayData(), (nint)first.Data, second is null ? 0 : (nint)second.Data);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : KernelThreads.Default };
        if (batch == 1 || options.MaxDegreeOfParallelism == 1)
        {
            for (var row = 0; row < batch; row++)
                RunRow(row);
        }
        else
        {
            Parallel.For(0, (int)batch, options, RunRow);
        }

        Run(context, g, (float*)to, Array.TrueForAll(lengths, length => length == g.Time) ? null : lengths, threads);
        ArrayPool<float>.Shared.Return(steps);

        void RunRow(int row)
        {
            var (samples, stride) = (front.Samples, front.Stride);
            var memory = ArrayPool<float>.Shared.Rent(stride * front.Channels.Count);
            var size = g.Time * g.Inputs;
            lengths[row] = front.Run(
                new ReadOnlySpan<float>((float*)voltage + ((long)row * samples), samples),
                stimulus == 0 ? default : new ReadOnlySpan<float>((float*)stimulus + ((long)row * samples), samples),
                memory.AsSpan(0, stride * front.Channels.Count),
                new Span<float>((float*)to + ((long)row * size), size)
            );
            ArrayPool<float>.Shared.Return(memory);
        }
    }

    private LstmGeometry Geometry(long time, long batch) =>
        time is >= 1 and <= LstmChecks.Longest
            ? Layer.Geometry((int)batch, (int)time)
            : throw new InvalidDataException($"found traces of {time} steps; expected 1 to {LstmChecks.Longest}");

    private void Run(nint context, LstmGeometry g, float* input, int[]? lengths, int threads)
    {
        var results = new Results(this, context, g);
        if (g.Batch == 0)
            return;
        lengths ??= Lengths(context, g);
        var rowsFirst = RowsFirst || Front is not null;
        using var copy = new NativeFloats(rowsFirst && !IsReverse ? 0 : g.InputFloats, zeroed: false);
        if (!rowsFirst || IsReverse)
        {
            LstmLayouts.Rows(input, copy.Start, g, lengths, rowsFirst, IsReverse);
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
