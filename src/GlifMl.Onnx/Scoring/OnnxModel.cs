using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>
/// A trained model in an .onnx file, run by OnnxRuntime, its LSTM layers by this library's kernel where that is faster: traces in, GLIF
/// parameters in SI units out. Safe to use from several threads at a time.
/// </summary>
public sealed class OnnxModel : IDisposable
{
    /// <summary>What is said where a posterior is asked of a model that has none.</summary>
    internal const string NoPosterior = "found a model without a posterior; expected one that was trained with posterior: {components: K}";

    private readonly ModelSession _session;
    private readonly ModelInputs _inputs;

    private OnnxModel(ModelSession session, OnnxModelOptions options) =>
        (_session, Options, _inputs) = (session, options, new ModelInputs(session.Info));

    /// <summary>What the model reads, what it gives, and what it was trained on.</summary>
    public OnnxModelInfo Info => _session.Info;

    /// <summary>What runs the model, in words.</summary>
    internal string Engine =>
        !_session.MayRunKernel ? "OnnxRuntime"
        : Options.Engine == OnnxEngine.Auto ? "the kernel within OnnxRuntime or OnnxRuntime alone, whichever was quicker"
        : "the kernel within OnnxRuntime";

    /// <summary>How the model is run.</summary>
    public OnnxModelOptions Options { get; }

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="options">How to run it; the defaults when left out.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not an ONNX model, or not one of this library's.</exception>
    public static OnnxModel Load(string path, OnnxModelOptions? options = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"model '{path}': found no such file; expected an .onnx model", path);
        if (new FileInfo(path).Length is var length && length > Array.MaxLength)
            throw new InvalidDataException($"model '{path}': found {length} bytes; expected at most {Array.MaxLength}");
        return Load(File.ReadAllBytes(path), options, $"model '{path}'");
    }

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">The bytes of an .onnx file.</param>
    /// <param name="options">How to run it; the defaults when left out.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The bytes are not an ONNX model, or not one of this library's.</exception>
    public static OnnxModel Load(byte[] model, OnnxModelOptions? options = null) => Load(model, options, "model");

    /// <summary>Scores traces that lie one after the other.</summary>
    /// <param name="voltageMv">Voltages in mV, row-major <c>[rows, samples]</c>.</param>
    /// <param name="stimulusPa">Stimuli in pA of the same shape; empty (the default) for a model that reads none.</param>
    /// <param name="known">
    /// What <see cref="OnnxModelInfo.Known"/> names, in SI units, row-major <c>[rows, known]</c>; empty (the default) for a model that is
    /// told nothing.
    /// </param>
    /// <returns>Parameters in SI units, <c>[rows, parameters]</c>.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit the model.</exception>
    public float[,] Score(
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa = default,
        ReadOnlyMemory<float> known = default
    )
    {
        var parameters = new float[_inputs.Count(voltageMv, stimulusPa, known), Info.Parameters.Count];
        Score(voltageMv, stimulusPa, known, parameters, alone: false);
        return parameters;
    }

    /// <summary>Scores traces given as arrays.</summary>
    /// <param name="tracesMv">Voltages in mV, one array a trace, each of <see cref="OnnxModelInfo.Samples"/> samples.</param>
    /// <param name="stimuliPa">Stimuli in pA, one array a trace; left out for a model that reads none.</param>
    /// <param name="known">
    /// What <see cref="OnnxModelInfo.Known"/> names, in SI units, one array a trace; left out for a model that is told nothing.
    /// </param>
    /// <returns>Parameters in SI units, <c>[rows, parameters]</c>.</returns>
    /// <exception cref="ArgumentException">A trace has the wrong length, or the stimuli or what is known do not fit the model.</exception>
    public float[,] Score(float[][] tracesMv, float[][]? stimuliPa = null, float[][]? known = null) =>
        Score(
            _inputs.Flatten("voltage", tracesMv),
            stimuliPa is null ? default : _inputs.Flatten("stimulus", stimuliPa),
            known is null ? default : (float[])[.. known.SelectMany(k => k)]
        );

    /// <summary>The posteriors of traces that lie one after the other, from a model that has one.</summary>
    /// <param name="voltageMv">Voltages in mV, row-major <c>[rows, samples]</c>.</param>
    /// <param name="stimulusPa">Stimuli in pA of the same shape; empty (the default) for a model that reads none.</param>
    /// <param name="known">
    /// What <see cref="OnnxModelInfo.Known"/> names, in SI units, row-major <c>[rows, known]</c>; empty by default.
    /// </param>
    /// <returns>One a trace.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit the model.</exception>
    /// <exception cref="InvalidOperationException">The model gives parameters alone.</exception>
    public IReadOnlyList<Posterior> Posteriors(
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa = default,
        ReadOnlyMemory<float> known = default
    )
    {
        if (Info.Posterior is null)
            throw new InvalidOperationException(NoPosterior);
        var rows = ScoreRows(voltageMv, stimulusPa, known);
        return [.. Enumerable.Range(0, rows.GetLength(0)).Select(row => new Posterior(Info, Row(rows, row)))];
    }

    /// <summary>
    /// A lazy view of the data with the parameters beside it: a column <see cref="OnnxModelInfo.ParametersColumn"/>, a vector
    /// of Single with the parameters' names as slot names. Rows are read ahead and scored
    /// <see cref="OnnxModelOptions.BatchRows"/> at a time, in bounded memory. The model must outlive the view.
    /// </summary>
    /// <param name="data">Rows with the model's inputs as vectors of Single.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentException">A column is missing or has another type or size than the model's input.</exception>
    public IDataView Transform(IDataView data)
    {
        var inputs = _inputs.Columns(data.Schema);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(data.Schema);
        builder.AddColumn(
            OnnxModelInfo.ParametersColumn,
            new VectorDataViewType(NumberDataViewType.Single, Info.Parameters.Count),
            OnnxExportableTransformer.SlotNames([.. Info.Parameters.Select(p => p.Name)])
        );
        return new BatchedView(
            data,
            builder.ToSchema(),
            new BatchPlan(
                inputs,
                [.. Info.Inputs.Select(_ => Info.Samples), .. Info.Known.Select(_ => 1)],
                Info.Parameters.Count,
                Options.BatchRows,
                () => Map
            )
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>
    /// Scores traces into an array of <c>[rows, parameters]</c>, or of rows of all outputs: on the caller's thread alone, because others
    /// score other traces, or on all.
    /// </summary>
    internal void Score(
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa,
        ReadOnlyMemory<float> known,
        float[,] parameters,
        bool alone
    )
    {
        var (samples, width, rows) = (Info.Samples, parameters.GetLength(1), parameters.GetLength(0));
        var batches = (rows + Options.BatchRows - 1) / Options.BatchRows;
        var threads = Options.Threads > 0 ? Options.Threads : Environment.ProcessorCount;
        if (alone || batches == 1 || threads == 1)
        {
            for (var batch = 0; batch < batches; batch++)
                Run(batch, alone);
            return;
        }

        // A batch on each thread: nothing waits for the others within a batch.
        try
        {
            Parallel.For(0, batches, new ParallelOptions { MaxDegreeOfParallelism = threads }, batch => Run(batch, alone: true));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void Run(int batch, bool alone)
        {
            var first = batch * Options.BatchRows;
            var count = Math.Min(Options.BatchRows, rows - first);
            var scores = MemoryMarshal.CreateSpan(
                ref Unsafe.As<byte, float>(ref MemoryMarshal.GetArrayDataReference(parameters)),
                parameters.Length
            );
            _session.Run(
                voltageMv.Slice(first * samples, count * samples),
                Info.ReadsStimulus ? stimulusPa.Slice(first * samples, count * samples) : default,
                known.Slice(first * Info.Known.Count, count * Info.Known.Count),
                scores.Slice(first * width, count * width),
                // Who works alone has many batches, of which some are smaller.
                alone ? Options.BatchRows : Math.Min(rows, Options.BatchRows),
                alone
            );
        }
    }

    /// <summary>Scores traces, with all outputs of the model in a row: <see cref="OnnxModelInfo.RowColumns"/>.</summary>
    internal float[,] ScoreRows(
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa = default,
        ReadOnlyMemory<float> known = default
    )
    {
        var rows = new float[_inputs.Count(voltageMv, stimulusPa, known), Info.RowSize];
        Score(voltageMv, stimulusPa, known, rows, alone: false);
        return rows;
    }

    /// <summary>One of several rows.</summary>
    internal static ReadOnlySpan<float> Row(float[,] rows, int row) =>
        MemoryMarshal.CreateReadOnlySpan(ref rows[row, 0], rows.GetLength(1));

    private void Map(BatchInputs inputs, Span<float> parameters)
    {
        var known = new float[inputs.Rows * Info.Known.Count];
        for (var k = 0; k < Info.Known.Count; k++)
        {
            var column = inputs[Info.Inputs.Count + k].Span;
            for (var row = 0; row < column.Length; row++)
                known[(row * Info.Known.Count) + k] = column[row];
        }

        _session.Run(inputs[0], Info.ReadsStimulus ? inputs[1] : default, known, parameters, Options.BatchRows);
    }

    private static OnnxModel Load(byte[] model, OnnxModelOptions? options, string source)
    {
        options ??= new OnnxModelOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchRows, 1);
        return new OnnxModel(new ModelSession(model, options, source), options);
    }
}
