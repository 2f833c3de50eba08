using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>A graph in OnnxRuntime, run on the caller's thread or on several.</summary>
internal sealed class GraphSession : IDisposable
{
    // Of OnnxRuntime's words, which may hold names from the file.
    private const int MostWords = 200;

    private readonly InferenceSession _session;
    private readonly string _source;

    /// <summary>Loads a graph.</summary>
    /// <param name="model">The bytes of a model.</param>
    /// <param name="threads">Threads of a run; 0 for the machine's cores.</param>
    /// <param name="runsKernel">Whether the graph has nodes that the kernel runs.</param>
    /// <param name="source">What the file is called in messages.</param>
    /// <exception cref="InvalidDataException">OnnxRuntime cannot run it.</exception>
    public GraphSession(byte[] model, int threads, bool runsKernel, string source)
    {
        _source = source;
        using var settings = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            if (runsKernel)
                EngineOperator.AddTo(settings);
            _session = new InferenceSession(model, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"{source}: found a graph that OnnxRuntime cannot run ({Words(e)}); expected one that it can",
                e
            );
        }
    }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    /// <summary>Scores one batch.</summary>
    /// <param name="info">The model's inputs and shape.</param>
    /// <param name="voltageMv">Voltages in mV, row-major <c>[rows, samples]</c>.</param>
    /// <param name="stimulusPa">Stimuli in pA of the same shape; not looked at where the model reads none.</param>
    /// <param name="known">What is known of each trace, <c>[rows, known]</c> in SI units.</param>
    /// <param name="answers">
    /// Where the answers go: <c>[rows, parameters]</c>, or with a posterior <c>[rows, <see cref="OnnxModelInfo.RowSize"/>]</c>.
    /// </param>
    /// <exception cref="InvalidDataException">The graph fails as it is run, or gives another shape than it says.</exception>
    public void Run(
        OnnxModelInfo info,
        ReadOnlyMemory<float> voltageMv,
        ReadOnlyMemory<float> stimulusPa,
        ReadOnlyMemory<float> known,
        Span<float> answers
    )
    {
        var rows = voltageMv.Length / info.Samples;
        var columns = answers.Length == rows * info.Parameters.Count ? info.RowColumns.Take(1).ToArray() : [.. info.RowColumns];
        long[] shape = [rows, info.Samples];
        using var voltage = Tensor(voltageMv, shape);
        using var stimulus = info.ReadsStimulus ? Tensor(stimulusPa, shape) : null;
        var quantities = Known(info, known.Span, shape[0]);
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            using var outputs = _session.Run(
                run,
                info.GraphInputs,
                [.. stimulus is null ? [voltage] : new[] { voltage, stimulus }, .. quantities],
                [.. columns.Select(column => column.Name)]
            );
            var start = 0;
            foreach (var ((_, size), output) in columns.Zip(outputs))
            {
                var found = output.GetTensorDataAsSpan<float>();
                if (found.Length != rows * size)
                    throw new InvalidDataException($"{_source}: found {found.Length} parameters of {rows} traces; expected {rows * size}");
                for (var row = 0; row < rows; row++)
                    found.Slice(row * size, size).CopyTo(answers[((row * (answers.Length / rows)) + start)..]);
                start += size;
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{_source}: found a graph that fails when it is run ({Words(e)}); expected parameters", e);
        }
        finally
        {
            foreach (var quantity in quantities)
                quantity.Dispose();
        }
    }

    /// <summary>An input of [rows, 1] for each quantity.</summary>
    private static OrtValue[] Known(OnnxModelInfo info, ReadOnlySpan<float> known, long rows)
    {
        var values = new OrtValue[info.Known.Count];
        for (var k = 0; k < values.Length; k++)
        {
            var column = new double[rows];
            for (var row = 0; row < column.Length; row++)
                column[row] = known[(row * values.Length) + k];
            values[k] = OrtValue.CreateTensorValueFromMemory(column, [rows, 1]);
        }

        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    // OnnxRuntime only reads its inputs, but takes them as writable memory.
    private static OrtValue Tensor(ReadOnlyMemory<float> values, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(values), shape);

    // "[ErrorCode:Fail] Load model from memory failed:Fatal error: ..." is about what comes last.
    private static string Words(OnnxRuntimeException e)
    {
        var line = e.Message.AsSpan().TrimStart();
        if (line.StartsWith("[ErrorCode:") && line.IndexOf(']') is > 0 and var end)
            line = line[(end + 1)..].TrimStart();
        return Quoted.Text(line.IndexOf('\n') is > 0 and var first ? line[..first].TrimEnd() : line, MostWords);
    }
}
