using System.Globalization;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>
/// A model in OnnxRuntime, with the LSTM kernel where that is faster. A file may come from anyone: it is looked over first, and whatever is
/// wrong with it is an <see cref="InvalidDataException"/> of one line.
/// </summary>
internal sealed class ModelSession : IDisposable
{
    private readonly byte[] _model;
    private readonly OnnxModelOptions _options;
    private readonly string _source;
    private readonly KernelGraph _rewritten;
    private readonly GraphSession _shared;
    private readonly Lazy<GraphSession> _alone;
    private readonly Lazy<GraphSession> _kernel;
    private readonly Lock _trials = new();
    private readonly Dictionary<(int Batch, bool Alone), bool> _isKernel = [];

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of an .onnx file.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="source">What the file is called in messages.</param>
    /// <exception cref="InvalidDataException">
    /// The bytes are no ONNX model, not one of this library's, or one that cannot be run.
    /// </exception>
    public ModelSession(byte[] model, OnnxModelOptions options, string source)
    {
        (_model, _options, _source) = (model, options, source);
        try
        {
            Info = OnnxModelInfo.FromMetadata(OnnxFileCheck.Metadata(model));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }

        _shared = new GraphSession(model, options.Threads, runsKernel: false, source);
        _alone = new(() => options.Threads == 1 ? _shared : new GraphSession(model, threads: 1, runsKernel: false, source));
        _kernel = new(() => CreateKernel());
        try
        {
            CheckGraph();
            // Only once OnnxRuntime has accepted the graph: what is read of it then is what the standard says.
            _rewritten = options.Engine == OnnxEngine.OnnxRuntime ? new KernelGraph(null, [], []) : KernelGraph.Of(model);
            if (options.Engine == OnnxEngine.Kernel && _rewritten.Model is null)
                throw new InvalidDataException(
                    $"found {(_rewritten.Left is [var first, ..] ? $"no LSTM node that the kernel runs ({first})" : "no LSTM node")}; "
                        + "expected one for the engine 'kernel'"
                );
        }
        catch (InvalidDataException e)
        {
            Dispose();
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }

        foreach (var left in _rewritten.Left)
            options.Log?.Invoke($"{source}: {left}");
    }

    /// <summary>What the model says of itself.</summary>
    public OnnxModelInfo Info { get; }

    /// <summary>Whether there are layers in the graph that the kernel may run, and is asked to.</summary>
    public bool MayRunKernel => _rewritten.Model is not null;

    /// <summary>Scores one batch.</summary>
    /// <param name="voltageMv">Voltages in mV, row-major <c>[rows, samples]</c>.</param>
    /// <param name="stimulusPa">Stimuli in pA of the same shape; not looked at where the model reads none.</param>
    /// <param name="known">What is known of each trace, <c>[rows, known]</c> in SI units.</param>
    /// <param name="answers">
    /// Where the answers go: <c>[rows, parameters]</c>, or with a posterior <c>[rows, <see cref="OnnxModelInfo.RowSize"/>]</c>.
    /// </param>
    /// <param name="batch">Rows of a full batch of those that belong together: all of them are computed by one engine.</param>
    /// <param name="alone">Whether the caller's thread works alone, because others score other rows.</param>
    /// <exception cref="InvalidDataException">The graph fails as it is run, or gives another shape than it says.</exception>
    public void Run(
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa,
        ReadOnlyMemory<float> known,
        Span<float> answers,
        int batch,
        bool alone = false
    )
    {
        void OnKernel(Span<float> output)
        {
            EngineOperator.Threads = alone ? 1 : _options.Threads;
            _kernel.Value.Run(Info, voltageMv, stimulusPa, known, output);
        }

        void OnRuntime(Span<float> output) => (alone ? _alone.Value : _shared).Run(Info, voltageMv, stimulusPa, known, output);

        var traces = voltageMv.Length / Info.Samples;
        var key = ((int)BitOperations.RoundUpToPowerOf2((uint)batch), alone);
        bool isKernel;
        lock (_trials)
        {
            if (_rewritten.Model is null || _options.Engine != OnnxEngine.Auto)
            {
                isKernel = _rewritten.Model is not null;
            }
            else if (!_isKernel.TryGetValue(key, out isKernel))
            {
                // With the others waiting: what they compute would be measured with it.
                (isKernel, var words) = EngineTrial.Run(OnKernel, OnRuntime, Info.Parameters.Count, traces, answers);
                _isKernel.Add(key, isKernel);
                _options.Log?.Invoke($"{_source}: {traces} traces of {Info.Samples} samples on {(alone ? "one thread" : "all")}: {words}");
                return;
            }
        }

        if (isKernel)
            OnKernel(answers);
        else
            OnRuntime(answers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_kernel.IsValueCreated)
            _kernel.Value.Dispose();
        Forget();
        if (_alone.IsValueCreated)
            _alone.Value.Dispose();
        _shared.Dispose();
    }

    // One thread: the kernel has threads of its own, and OnnxRuntime's would go on spinning for milliseconds beside them.
    private GraphSession CreateKernel()
    {
        try
        {
            return new GraphSession(_rewritten.Model!, threads: 1, runsKernel: true, _source);
        }
        catch (Exception e)
            when (e is DllNotFoundException or EntryPointNotFoundException or NotSupportedException or InvalidOperationException)
        {
            // A trial then says so, and OnnxRuntime runs everything.
            throw new InvalidDataException($"{_source}: found an OnnxRuntime that takes no operator of ours ({e.Message})", e);
        }
        finally
        {
            Forget();
        }
    }

    private void Forget()
    {
        foreach (var node in _rewritten?.Nodes ?? [])
            EngineOperator.Forget(node);
    }

    private void CheckGraph()
    {
        var (inputs, outputs) = (_shared.Inputs, _shared.Outputs);
        if (!inputs.Keys.Order(StringComparer.Ordinal).SequenceEqual(Info.GraphInputs.Order(StringComparer.Ordinal)))
            throw new InvalidDataException($"found the inputs {Names(inputs)}; expected {string.Join(", ", Info.GraphInputs)}");
        foreach (var (name, input) in inputs)
        {
            if (Info.Inputs.Contains(name))
                CheckShape($"input {name}", input, Info.Samples);
            else
                CheckShape($"input {name}", input, 1, typeof(double));
        }
        if (!outputs.TryGetValue(OnnxModelInfo.ParametersColumn, out var output))
            throw new InvalidDataException($"found the outputs {Names(outputs)}; expected {OnnxModelInfo.ParametersColumn}");
        CheckShape($"output {OnnxModelInfo.ParametersColumn}", output, Info.Parameters.Count);
        if (Info.RowColumns.FirstOrDefault(column => !outputs.ContainsKey(column.Name)).Name is { } missing)
            throw new InvalidDataException($"found the outputs {Names(outputs)}; expected {missing}, which a posterior has");
    }

    private static void CheckShape(string what, NodeMetadata value, int size, Type? type = null)
    {
        type ??= typeof(float);
        if (!value.IsTensor)
            throw new InvalidDataException($"{what}: found no tensor; expected {type.Name}[N, {size}]");
        if (value.ElementType == type && value.Dimensions is [-1, var width] && (width == size || width == -1))
            return;
        var dims = string.Join(", ", value.Dimensions.Select(d => d == -1 ? "N" : d.ToString(CultureInfo.InvariantCulture)));
        throw new InvalidDataException($"{what}: found {value.ElementType.Name}[{dims}]; expected {type.Name}[N, {size}]");
    }

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> values) =>
        Quoted.Text(string.Join(", ", values.Keys.Order(StringComparer.Ordinal)));
}
