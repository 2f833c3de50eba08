using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>
/// A model in OnnxRuntime. A file may come from anyone: it is looked over first, and whatever is wrong with it is an
/// <see cref="InvalidDataException"/> of one line.
/// </summary>
internal sealed class ModelSession : IDisposable
{
    // Of OnnxRuntime's words, which may hold names from the file.
    private const int MostWords = 200;

    private readonly InferenceSession _session;
    private readonly string _source;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of an .onnx file.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="source">What the file is called in messages.</param>
    /// <exception cref="InvalidDataException">
    /// The bytes are no ONNX model, not one of this library's, or one that cannot be run.
    /// </exception>
    public ModelSession(byte[] model, OnnxModelOptions options, string source)
    {
        _source = source;
        try
        {
            Info = OnnxModelInfo.FromMetadata(OnnxFileCheck.Metadata(model));
            _session = Create(model, options);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }

        try
        {
            CheckGraph();
        }
        catch (InvalidDataException e)
        {
            _session.Dispose();
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }
    }

    /// <summary>What the model says of itself.</summary>
    public OnnxModelInfo Info { get; }

    /// <summary>Scores one batch.</summary>
    /// <param name="voltageMv">Voltages in mV, row-major <c>[rows, samples]</c>.</param>
    /// <param name="stimulusPa">Stimuli in pA of the same shape; not looked at where the model reads none.</param>
    /// <param name="parameters">Where the parameters go, <c>[rows, parameters]</c>.</param>
    /// <exception cref="InvalidDataException">The graph fails as it is run, or gives another shape than it says.</exception>
    public void Run(ReadOnlyMemory<float> voltageMv, ReadOnlyMemory<float> stimulusPa, Span<float> parameters)
    {
        long[] shape = [voltageMv.Length / Info.Samples, Info.Samples];
        using var voltage = Tensor(voltageMv, shape);
        using var stimulus = Info.ReadsStimulus ? Tensor(stimulusPa, shape) : null;
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            using var outputs = _session.Run(
                run,
                Info.Inputs,
                stimulus is null ? [voltage] : [voltage, stimulus],
                [OnnxModelInfo.ParametersColumn]
            );
            var found = outputs[0].GetTensorDataAsSpan<float>();
            if (found.Length != parameters.Length)
                throw new InvalidDataException(
                    $"{_source}: found {found.Length} parameters of {shape[0]} traces; expected {parameters.Length}"
                );
            found.CopyTo(parameters);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{_source}: found a graph that fails when it is run ({Words(e)}); expected parameters", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    // OnnxRuntime only reads its inputs, but takes them as writable memory.
    private static OrtValue Tensor(ReadOnlyMemory<float> values, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(values), shape);

    private static InferenceSession Create(byte[] model, OnnxModelOptions options)
    {
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return new InferenceSession(model, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"found a graph that OnnxRuntime cannot run ({Words(e)}); expected one that it can", e);
        }
    }

    private void CheckGraph()
    {
        var (inputs, outputs) = (_session.InputMetadata, _session.OutputMetadata);
        if (!inputs.Keys.Order(StringComparer.Ordinal).SequenceEqual(Info.Inputs.Order(StringComparer.Ordinal)))
            throw new InvalidDataException($"found the inputs {Names(inputs)}; expected {string.Join(", ", Info.Inputs)}");
        foreach (var (name, input) in inputs)
            CheckShape($"input {name}", input, Info.Samples);
        if (!outputs.TryGetValue(OnnxModelInfo.ParametersColumn, out var output))
            throw new InvalidDataException($"found the outputs {Names(outputs)}; expected {OnnxModelInfo.ParametersColumn}");
        CheckShape($"output {OnnxModelInfo.ParametersColumn}", output, Info.Parameters.Count);
    }

    private static void CheckShape(string what, NodeMetadata value, int size)
    {
        if (!value.IsTensor)
            throw new InvalidDataException($"{what}: found no tensor; expected Single[N, {size}]");
        if (value.ElementType == typeof(float) && value.Dimensions is [-1, var width] && (width == size || width == -1))
            return;
        var dims = string.Join(", ", value.Dimensions.Select(d => d == -1 ? "N" : d.ToString(CultureInfo.InvariantCulture)));
        throw new InvalidDataException($"{what}: found {value.ElementType.Name}[{dims}]; expected Single[N, {size}]");
    }

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> values) =>
        Quoted.Text(string.Join(", ", values.Keys.Order(StringComparer.Ordinal)));

    // "[ErrorCode:Fail] Load model from memory failed:Fatal error: ..." is about what comes last.
    private static string Words(OnnxRuntimeException e)
    {
        var line = e.Message.AsSpan().TrimStart();
        if (line.StartsWith("[ErrorCode:") && line.IndexOf(']') is > 0 and var end)
            line = line[(end + 1)..].TrimStart();
        return Quoted.Text(line.IndexOf('\n') is > 0 and var first ? line[..first].TrimEnd() : line, MostWords);
    }
}
