using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>
/// Finds before training what would fail after it: a layer that cannot be exported, an export that computes something else.
/// </summary>
internal static class ModuleCheck
{
    private const int Rows = 2;

    // Two float computations of one untrained network differ by about 1e-6; a wrong export by much more.
    private const float Tolerance = 1e-3f;

    /// <summary>Checks a module.</summary>
    /// <returns>What names its architecture and first weights, for the checkpoint.</returns>
    /// <exception cref="ArgumentException">It cannot be trained, or not be exported, or its export gives other scores.</exception>
    public static string Check(TraceModule module)
    {
        using var scope = NewDisposeScope();
        CheckParameters(module.Module);
        var onnx = ModuleGraph.Export(module);
        var traces = Traces(module.Shape);
        var (expected, actual) = (Score(module, traces), new float[Rows * module.Shape.Targets]);
        // The session lives for two rows: a pool of threads would cost more than it saves.
        using (var graph = new ModuleGraph(onnx, module.Shape, threads: 1))
            graph.Score(traces, Rows, actual);
        Compare(module, expected, actual);
        // What the graph leaves out: dropout works in training alone.
        var dropout = string.Join(
            ",",
            module.Module.named_modules().Select(m => m.module).OfType<Dropout>().Select(d => d.p.ToString(CultureInfo.InvariantCulture))
        );
        return $"{Convert.ToHexStringLower(SHA256.HashData(onnx))} dropout {dropout}";
    }

    private static void CheckParameters(nn.Module module)
    {
        var (any, trainable) = (false, false);
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (parameter.dtype != ScalarType.Float32 || parameter.device_type != TorchSharp.DeviceType.CPU || !parameter.is_contiguous())
            {
                var layout = parameter.is_contiguous() ? "" : ", not contiguous";
                throw new ArgumentException(
                    $"parameter '{name}': found {parameter.dtype} on {parameter.device_type}{layout}; "
                        + "expected contiguous Float32 on the CPU"
                );
            }

            (any, trainable) = (true, trainable || parameter.requires_grad);
        }

        if (!trainable)
        {
            // A module that an earlier fit disposed of has no parameters left either.
            throw new ArgumentException(
                $"the module ({module.GetType().Name}) has no parameter to train"
                    + (
                        any
                            ? ": all have requires_grad: false"
                            : "; expected layers registered with RegisterComponents(), of a module that is new each time"
                    )
            );
        }
    }

    private static float[] Traces(ModuleShape shape)
    {
        var random = new Random(17);
        return [.. Enumerable.Range(0, Rows * shape.Samples * shape.Channels).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static float[] Score(TraceModule module, float[] traces)
    {
        using var gradients = set_grad_enabled(module.NeedsGradients);
        module.Module.eval();
        var input = empty(Rows, module.Shape.Samples, module.Shape.Channels);
        TensorMemory.Fill(input, traces);
        Tensor score;
        try
        {
            score = module.Forward(input, beside: null, lengths: null);
        }
        catch (ExternalException e)
        {
            throw new ArgumentException($"{module.Name} cannot read its input: {TorchOnnxContext.FirstLine(e.Message)}", e);
        }

        return score.shape is [Rows, var targets] && targets == module.Shape.Targets
            ? TensorMemory.Copy(score.contiguous())
            : throw new ArgumentException(
                $"{module.Name} gives [{string.Join(", ", score.shape)}] for {Rows} rows; expected [{Rows}, {module.Shape.Targets}]"
            );
    }

    private static void Compare(TraceModule module, float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            // Written so that NaN on one side alone is a difference.
            if (
                !(Math.Abs(expected[i] - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])))
                && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i]))
            )
            {
                throw new ArgumentException(
                    Invariant.Text(
                        $"{module.Name} gives {expected[i]} for score {i % module.Shape.Targets} of a random trace, "
                            + $"its ONNX export {actual[i]}; expected the same: "
                            + $"an {nameof(ITorchOnnxExportable.Export)} of its own does not compute what forward does"
                    )
                );
            }
        }
    }
}
